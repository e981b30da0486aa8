package io.verillm.core.verdict;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.spi.Tokenizer;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/**
 * Judges one answer: takes the messages of a job, a policy, and whatever can re-execute, and
 * returns a verdict.
 *
 * <p>Checks run from the cheapest to the dearest and stop at the first that decides. What is not
 * the prover's doing (a missing file, a bad challenge, a model that is not here) never rejects.
 * Immutable and thread-safe if the replay and the tokenizer are.
 */
@CheckReturnValue
public final class ReceiptVerifier {
  private final VerificationPolicy policy;
  private final Optional<ReplayCheck> replay;
  private final Optional<Tokenizer> tokenizer;
  private final Clock clock;

  private ReceiptVerifier(
      VerificationPolicy policy,
      Optional<ReplayCheck> replay,
      Optional<Tokenizer> tokenizer,
      Clock clock) {
    this.policy = policy;
    this.replay = replay;
    this.tokenizer = tokenizer;
    this.clock = clock;
  }

  /** A verifier that cannot re-execute: it can reject, and abstains where it would accept. */
  public static ReceiptVerifier of(VerificationPolicy policy) {
    return new ReceiptVerifier(
        Objects.requireNonNull(policy, "policy"),
        Optional.empty(),
        Optional.empty(),
        Clock.systemUTC());
  }

  /** The same verifier with a model to re-execute on. */
  public ReceiptVerifier withReplay(ReplayCheck check) {
    return new ReceiptVerifier(policy, Optional.of(check), tokenizer, clock);
  }

  /** The same verifier with a tokenizer for the text check. */
  public ReceiptVerifier withTokenizer(Tokenizer newTokenizer) {
    return new ReceiptVerifier(policy, replay, Optional.of(newTokenizer), clock);
  }

  /** The same verifier with another clock. */
  public ReceiptVerifier withClock(Clock newClock) {
    return new ReceiptVerifier(policy, replay, tokenizer, newClock);
  }

  /** Judges a submission. Every combination of bytes gives a verdict; none throws. */
  public Verdict verify(Submission files) {
    CaseFile file = new CaseFile(policy, clock.millis());
    OrderChecks order = new OrderChecks(file);
    ReceiptChecks receipt = new ReceiptChecks(file, replay);
    ChallengeChecks challenge = new ChallengeChecks(file);
    SketchChecks sketches = new SketchChecks(file);
    OpeningChecks opening = new OpeningChecks(file, tokenizer);
    ReplayStage last = new ReplayStage(file, replay);
    return order
        .order(files)
        .or(() -> receipt.receipt(files))
        .or(receipt::receiptAgainstOrder)
        .or(receipt::trust)
        .or(receipt::seed)
        .or(() -> challenge.ack(files))
        .or(() -> challenge.challenge(files))
        .or(() -> sketches.sketches(files))
        .or(() -> opening.opening(files))
        .or(opening::answerAgainstReceipt)
        .or(opening::trace)
        .or(opening::finish)
        .or(() -> opening.text(files))
        .or(last::replay)
        .or(last::coverage)
        .orElseGet(last::accept);
  }
}
