package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.message.Objection;
import java.util.Objects;
import java.util.Optional;

/**
 * Rules by verifying the job's files once more, as anybody can: every check of {@link
 * ReceiptVerifier}, with one prefill over prompt and answer.
 *
 * <p>An objection is upheld only by a rejection that rests on the prover's own signature and on
 * exact comparison. Accepted is dismissed. Everything else, a statistical rejection included, is
 * undecided and escalates: a calibrated difference is evidence, not proof. What an objection
 * carries is not read; the files say all.
 *
 * <p>Give it a verifier with a replay in canonical arithmetic; without one nothing is ever
 * dismissed. Thread-safe if that is.
 */
@CheckReturnValue
public final class ReceiptAdjudicator implements Adjudicator {
  private final ReceiptVerifier verifier;

  private ReceiptAdjudicator(ReceiptVerifier verifier) {
    this.verifier = Objects.requireNonNull(verifier, "verifier");
  }

  /** Makes an adjudicator. */
  public static ReceiptAdjudicator of(ReceiptVerifier verifier) {
    return new ReceiptAdjudicator(verifier);
  }

  @Override
  public Ruling judge(Files files, Objection objection) {
    Verdict verdict =
        verifier.verify(
            new Submission(
                bytes(files.order()),
                bytes(files.receipt()),
                bytes(files.ack()),
                bytes(files.challenge()),
                bytes(files.opening()),
                Optional.empty()));
    return verdict.match(
        accepted -> Ruling.DISMISSED,
        rejected -> rejected.findings().attributable() ? Ruling.UPHELD : Ruling.UNDECIDED,
        inconclusive -> Ruling.UNDECIDED,
        abstained -> Ruling.UNDECIDED);
  }

  private static Optional<byte[]> bytes(SignedMessage message) {
    return Optional.of(message.encode());
  }
}
