import io.verillm.core.verdict.PolicyFile;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import java.nio.file.Path;

class VerifyReceipt {
  public static void main(String[] arguments) throws Exception {
    Path job = Path.of(arguments[0]);
    var policy = PolicyFile.read(job.resolve("policy.json"));
    Verdict verdict = ReceiptVerifier.of(policy).verify(Submission.read(job, 64 << 20));
    System.out.println(verdict.kind() + " " + verdict.reasonName());
    verdict.findings().checks().forEach(check -> System.out.println("  " + check));
  }
}
