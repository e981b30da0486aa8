package io.verillm.testkit.study;

import io.verillm.core.order.JobOrder;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Findings;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.ActivationCheck;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.VeriLlmStatistics;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.stats.calibration.ProfileBook;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Sends a trial's orders to one prover's process and judges what comes back, from bytes alone.
 *
 * <p>Text generation, verdicts and all numbers follow from the trial's seed. Used by one thread.
 */
public final class StudyRun {
  /** What VeriLLM's published thresholds say of a request; shown beside the verdict. */
  public enum Published {
    /** They accept its rows. */
    ACCEPTS,
    /** They reject its rows. */
    REJECTS,
    /** No rows were compared under tolerance. */
    NOT_COMPARED
  }

  /**
   * One judged request.
   *
   * @param verdict kind of the verdict
   * @param reason its reason, empty if accepted
   * @param eValue combined evidence; −1 if none was combined
   * @param activations e-value of the activation check; −1 if it gave none
   * @param tokens e-value of the token check; −1 if it gave none
   * @param statistic loudest statistic, empty without evidence
   * @param micros its value
   * @param published what the published thresholds say
   * @param promptTokens tokens of the prompt
   * @param cells every compared row; of the first request only
   */
  public record Judged(
      String verdict,
      String reason,
      double eValue,
      double activations,
      double tokens,
      String statistic,
      long micros,
      Published published,
      int promptTokens,
      List<CellDifference> cells) {
    /** Whether the request counts as detected: rejected, and nothing else. */
    public boolean detected() {
      return verdict.equals("REJECTED");
    }
  }

  private final TrialOrders orders;
  private final ReceiptVerifier verifier;
  private final List<VeriLlmStatistics> compared = new ArrayList<>();
  private final int atOnce;

  /**
   * @param executor of the verifier
   * @param book what it judges by, and at which levels
   * @param atOnce orders sent together
   */
  public StudyRun(TrialOrders orders, ModelExecutor executor, ProfileBook book, int atOnce) {
    this.orders = orders;
    this.verifier =
        ReceiptVerifier.of(orders.policy().levels(book.alpha(), book.borderline()).build())
            .withReplay(
                new PrefillReplay(executor)
                    .withCalibration(book)
                    .withCheck(new ActivationCheck(book, compared::add)));
    this.atOnce = atOnce;
  }

  /**
   * Runs requests against a process that {@link ProverService} serves.
   *
   * @param progress called with the number of judged requests
   */
  public List<Judged> run(
      int requests, DataInputStream fromProver, DataOutputStream toProver, IntConsumer progress)
      throws IOException {
    List<Judged> judged = new ArrayList<>();
    List<JobOrder> next = order(0, requests, toProver);
    for (int from = 0; from < requests; from += atOnce) {
      List<JobOrder> group = next;
      List<SignedMessage> receipts = new ArrayList<>();
      List<byte[]> challenges = new ArrayList<>();
      for (byte[] receipt : ProverService.read(fromProver)) {
        receipts.add(ours(receipt));
        int at = receipts.size() - 1;
        challenges.add(
            orders
                .sign(orders.challenge(group.get(at), orders.ack(from + at, receipts.get(at))))
                .encode());
      }
      ProverService.write(toProver, challenges);
      List<byte[]> openings = ProverService.read(fromProver);
      // The next answers are made while these are judged.
      next = order(from + atOnce, requests, toProver);
      for (int i = 0; i < group.size(); i++) {
        compared.clear();
        Verdict verdict =
            verifier.verify(
                orders.submission(group.get(i), receipts.get(i), from + i, openings.get(i)));
        judged.add(judge(group.get(i), verdict, published(), judged.isEmpty()));
        progress.accept(judged.size());
      }
    }
    return judged;
  }

  private List<JobOrder> order(int from, int requests, DataOutputStream toProver)
      throws IOException {
    List<JobOrder> group = new ArrayList<>();
    for (int i = from; i < Math.min(requests, from + atOnce); i++) {
      group.add(orders.order(i));
    }
    if (!group.isEmpty()) {
      ProverService.write(
          toProver, group.stream().map(order -> orders.sign(order).encode()).toList());
    }
    return group;
  }

  private static SignedMessage ours(byte[] bytes) throws IOException {
    try {
      return SignedMessage.decode(bytes);
    } catch (io.verillm.core.wire.MalformedMessageException e) {
      throw new IOException("the prover's process sent no receipt", e);
    }
  }

  private Published published() {
    if (compared.isEmpty()) {
      return Published.NOT_COMPARED;
    }
    return compared.get(0).accepts(VeriLlmStatistics.Parameters.published())
        ? Published.ACCEPTS
        : Published.REJECTS;
  }

  private static Judged judge(JobOrder order, Verdict verdict, Published published, boolean first) {
    Findings findings = verdict.findings();
    Optional<CombinedEvidence> evidence = findings.evidence();
    return new Judged(
        verdict.kind(),
        verdict.reasonName(),
        evidence.map(CombinedEvidence::eValue).orElse(-1.0),
        part(evidence, CheckName.ACTIVATIONS),
        part(evidence, CheckName.TOKENS),
        evidence.map(e -> e.loudest().statistic()).orElse(""),
        evidence.map(e -> e.loudest().valueMicros()).orElse(0L),
        published,
        order.prompt().size(),
        first ? findings.cells() : List.of());
  }

  private static double part(Optional<CombinedEvidence> evidence, CheckName check) {
    return evidence.stream()
        .flatMap(e -> e.parts().stream())
        .filter(part -> part.check() == check)
        .mapToDouble(Evidence::eValue)
        .findFirst()
        .orElse(-1);
  }
}
