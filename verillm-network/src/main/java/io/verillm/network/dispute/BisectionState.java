package io.verillm.network.dispute;

import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import java.util.Optional;

/**
 * Where a dispute stands. Immutable; {@link Bisection#replay} makes it again from the messages.
 *
 * @param dispute id of the message that opened it
 * @param challenger who did
 * @param positions number of tokens in dispute, from the first
 * @param lower first step in dispute
 * @param upper step behind the last one in dispute
 * @param moves number of moves so far
 * @param awaited what is due
 * @param deadlineMillis when it is due at the latest; no meaning once the dispute has ended
 * @param shown rows of the last opening that held
 * @param outcome how it ended
 * @param statement one sentence for people about the outcome; empty before
 */
public record BisectionState(
    Digest32 dispute,
    VerifyingKey challenger,
    int positions,
    int lower,
    int upper,
    int moves,
    Awaited awaited,
    long deadlineMillis,
    Optional<OpeningOutcome.Verified> shown,
    Optional<BisectionOutcome> outcome,
    String statement) {
  /** What a dispute waits for. */
  public enum Awaited {
    /** The prover opens the rows that are due. */
    SHOW,
    /** The challenger chooses a half. */
    CHOICE,
    /** The challenger names a token, or withdraws. */
    CLAIM,
    /** It has ended. */
    NOTHING
  }

  /** Whether one step is left. */
  public boolean isSingleStep() {
    return upper - lower == 1;
  }

  /** The step at whose states the interval is cut next. */
  public int middle() {
    return BisectionRows.middle(lower, upper);
  }

  BisectionState narrowed(int newLower, int newUpper, long deadline) {
    return new BisectionState(
        dispute,
        challenger,
        positions,
        newLower,
        newUpper,
        moves + 1,
        Awaited.SHOW,
        deadline,
        Optional.empty(),
        Optional.empty(),
        "");
  }

  BisectionState shown(OpeningOutcome.Verified rows, long deadline) {
    return new BisectionState(
        dispute,
        challenger,
        positions,
        lower,
        upper,
        moves + 1,
        isSingleStep() ? Awaited.CLAIM : Awaited.CHOICE,
        deadline,
        Optional.of(rows),
        Optional.empty(),
        "");
  }

  BisectionState ended(BisectionOutcome how, String why, int by) {
    return new BisectionState(
        dispute,
        challenger,
        positions,
        lower,
        upper,
        moves + by,
        Awaited.NOTHING,
        deadlineMillis,
        shown,
        Optional.of(how),
        why);
  }
}
