package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.Prover;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The verbs on files, each alone, with the exit codes that scripts rely on. */
class CommandTest extends CommandRun {

  private String keys() {
    return folder.resolve("keys").toString();
  }

  private String job() {
    return folder.resolve("job").toString();
  }

  private void prove() {
    assertThat(run("prove", job(), "--keys", keys(), "--prompt", "And God", "--max-tokens", "8"))
        .isZero();
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
  }

  @Test
  void verify_honestJob_exitsWithZeroAndPrintsOneJsonObject() throws Exception {
    prove();
    out.getBuffer().setLength(0);
    assertThat(run("verify", job(), "--keys", keys(), "--json")).isZero();
    JsonNode verdict = Json.MAPPER.readTree(out.toString());
    assertThat(verdict.get("verdict").asText()).isEqualTo("ACCEPTED");
    assertThat(verdict.get("standing").asText()).isEqualTo("PUBLIC");
    assertThat(verdict.get("coverage").get("tokensReplayed").asInt()).isEqualTo(8);
  }

  @Test
  void verify_tamperedOpening_exitsWithOne() {
    prove();
    String opening = Path.of(job(), Submission.OPENING_FILE).toString();
    assertThat(run("tamper", opening, "--byte", "-1", "--in-place")).isZero();
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(1);
    assertThat(out.toString()).contains("REJECTED BAD_SIGNATURE");
  }

  @Test
  void verify_withoutOpening_exitsWithTwo() throws Exception {
    prove();
    Files.delete(Path.of(job(), Submission.OPENING_FILE));
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(2);
    assertThat(out.toString()).contains("INCONCLUSIVE NO_OPENING");
  }

  @Test
  void verify_foreignArithmetic_isUndecidedNotRejected() {
    assertThat(
            run(
                "prove",
                job(),
                "--keys",
                keys(),
                "--prompt",
                "And God",
                "--max-tokens",
                "8",
                "--arithmetic",
                "split-k"))
        .isZero();
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(2);
    assertThat(out.toString()).contains("INCONCLUSIVE UNCALIBRATED");
  }

  @Test
  void prove_answeredOrder_givesTheSameReceiptAgain() throws Exception {
    prove();
    byte[] first = Files.readAllBytes(Path.of(job(), Submission.RECEIPT_FILE));
    assertThat(run("prove", job(), "--keys", keys())).isZero();
    assertThat(Files.readAllBytes(Path.of(job(), Submission.RECEIPT_FILE))).isEqualTo(first);
  }

  @Test
  void prove_answerThatIsNoUtf8_isAnsweredAndAccepted() throws Exception {
    // At this temperature single bytes of characters are drawn all the time.
    assertThat(
            run(
                "prove",
                job(),
                "--keys",
                keys(),
                "--prompt",
                "And God",
                "--max-tokens",
                "200",
                "--temperature",
                "100"))
        .isZero();
    byte[] response = Files.readAllBytes(Path.of(job(), Prover.RESPONSE_FILE));
    assertThat(new String(response, StandardCharsets.UTF_8)).contains("\uFFFD");
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(run("verify", job(), "--keys", keys())).isZero();
  }

  @Test
  void run_wrongUsage_exitsWithThreeAndSaysWhatToDo() {
    assertThat(run("verify")).isEqualTo(3);
    assertThat(run("nonsense")).isEqualTo(3);
    assertThat(run("prove", job(), "--prompt", "x", "--arithmetic", "none")).isEqualTo(3);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }

  @Test
  void run_missingFiles_exitsWithFourAndSaysWhatToDo() {
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(4);
    assertThat(run("inspect", folder.resolve("none").toString())).isEqualTo(4);
    assertThat(run("prove", job(), "--model", folder.resolve("none").toString())).isEqualTo(4);
    assertThat(run("open", job(), "--keys", keys())).isEqualTo(4);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }

  @Test
  void inspect_everyFileOfAJob_showsItsType() throws Exception {
    prove();
    for (String file :
        List.of(
            Submission.ORDER_FILE,
            Submission.RECEIPT_FILE,
            Submission.ACK_FILE,
            Submission.CHALLENGE_FILE,
            Submission.OPENING_FILE,
            Prover.HEADS_FILE,
            Prover.TRACE_FILE)) {
      out.getBuffer().setLength(0);
      assertThat(run("inspect", Path.of(job(), file).toString(), "--json")).isZero();
      assertThat(Json.MAPPER.readTree(out.toString()).get("type").asText()).isNotEmpty();
    }
  }

  @Test
  void inspect_heads_saysWhetherTheyLeadToTheReceipt() throws Exception {
    String job = job();
    // greedy, because a drawn answer may be shorter than three heads
    String length = "--max-tokens=100";
    String greedy = "--temperature=0";
    assertThat(run("prove", job, "--keys", keys(), "--prompt", "And God", length, greedy)).isZero();
    Path heads = Path.of(job, Prover.HEADS_FILE);
    JsonNode view = inspected(heads);
    assertThat(view.get("heads").size()).isEqualTo(3);
    assertThat(view.get("leadsToReceipt").asText()).isEqualTo("LINKED");
    String other = folder.resolve("other").toString();
    assertThat(run("prove", other, "--keys", keys(), "--prompt", "And God")).isZero();
    Files.copy(Path.of(other, Prover.HEADS_FILE), heads, StandardCopyOption.REPLACE_EXISTING);
    assertThat(inspected(heads).get("leadsToReceipt").asText()).isEqualTo("OTHER_TRACE");
    Files.delete(Path.of(job, Submission.RECEIPT_FILE));
    assertThat(inspected(heads).get("leadsToReceipt").asText()).startsWith("no ");
    Files.write(heads, new byte[] {1});
    assertThat(run("inspect", heads.toString())).isEqualTo(4);
  }

  private JsonNode inspected(Path file) throws Exception {
    out.getBuffer().setLength(0);
    assertThat(run("inspect", file.toString(), "--json")).isZero();
    return Json.MAPPER.readTree(out.toString());
  }

  @Test
  void doctor_onThisMachine_isFine() throws Exception {
    assertThat(run("doctor", "--json")).isZero();
    assertThat(Json.MAPPER.readTree(out.toString()).get("fine").asBoolean()).isTrue();
  }

  /** The process is killed without warning at moments spread over its whole life. */
  @Test
  void prove_killedAtAnyMoment_leavesNoReceiptOrAValidOne() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 10; round++) {
      String victim = folder.resolve("victim" + round).toString();
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Verillm.class.getName(),
                  "prove",
                  victim,
                  "--keys",
                  keys(),
                  "--prompt",
                  "And God",
                  "--max-tokens",
                  "200")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("victim.log").toFile())
              .start();
      // Most of a short life is the start of the JVM; what can break comes after the order.
      Path order = Path.of(victim, Submission.ORDER_FILE);
      while (process.isAlive() && !Files.exists(order)) {
        Thread.sleep(5);
      }
      if (!process.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Path receipt = Path.of(victim, Submission.RECEIPT_FILE);
      if (Files.exists(receipt)) {
        SignedMessage message = SignedMessage.decode(Files.readAllBytes(receipt));
        assertThat(message.verify("demo")).isTrue();
        assertThat(Receipt.decode(message.payload()).outputTokens()).isPositive();
        assertThat(Path.of(victim, Prover.TRACE_FILE)).exists();
        assertThat(Path.of(victim, Prover.ANSWER_FILE)).exists();
      }
      if (Files.exists(Path.of(victim, Submission.ORDER_FILE))) {
        // Whatever happened, the order can be answered now, once.
        assertThat(run("prove", victim, "--keys", keys(), "--stacktrace"))
            .as("round %d: %s", round, err)
            .isZero();
      }
    }
    try (ReceiptJournal journal = ReceiptJournal.open(Path.of(keys(), "prover.journal"), 0)) {
      List<SignedMessage> entries = journal.entries();
      for (int i = 0; i < entries.size(); i++) {
        assertThat(entries.get(i).verify("demo")).isTrue();
      }
      assertThat(entries).isNotEmpty();
    }
  }
}
