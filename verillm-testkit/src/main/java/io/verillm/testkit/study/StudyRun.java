package io.verillm.testkit.study;

import io.verillm.core.order.JobOrder;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Findings;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.calibration.TrialOrders;
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
   * @param publishedAccepts whether the published thresholds accept; empty if not computed
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
      Optional<Boolean> publishedAccepts,
      int promptTokens,
      List<CellDifference> cells) {
    /** Whether the request counts as detected: rejected, and nothing else. */
    public boolean detected() {
      return verdict.equals("REJECTED");
    }
  }

  private final TrialOrders orders;
  private final ReceiptVerifier verifier;
  private final int atOnce;

  /**
   * @param verifier with the study's policy, replay and calibration
   * @param atOnce orders sent together
   */
  public StudyRun(TrialOrders orders, ReceiptVerifier verifier, int atOnce) {
    this.orders = orders;
    this.verifier = verifier;
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
    for (int from = 0; from < requests; from += atOnce) {
      List<JobOrder> group = new ArrayList<>();
      for (int i = from; i < Math.min(requests, from + atOnce); i++) {
        group.add(orders.order(i));
      }
      ProverService.write(
          toProver, group.stream().map(order -> orders.sign(order).encode()).toList());
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
      for (int i = 0; i < group.size(); i++) {
        judged.add(
            judge(
                group.get(i),
                verifier.verify(
                    orders.submission(group.get(i), receipts.get(i), from + i, openings.get(i))),
                judged.isEmpty()));
        progress.accept(judged.size());
      }
    }
    return judged;
  }

  private static SignedMessage ours(byte[] bytes) throws IOException {
    try {
      return SignedMessage.decode(bytes);
    } catch (io.verillm.core.wire.MalformedMessageException e) {
      throw new IOException("the prover's process sent no receipt", e);
    }
  }

  private static Judged judge(JobOrder order, Verdict verdict, boolean first) {
    Findings findings = verdict.findings();
    Optional<CombinedEvidence> evidence = findings.evidence();
    Optional<Boolean> published =
        findings.checks().stream()
            .filter(check -> check.check() == CheckName.ACTIVATIONS)
            .map(check -> check.statement())
            .filter(statement -> statement.contains("published comparison"))
            .map(statement -> statement.contains("thresholds accept"))
            .findFirst();
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
