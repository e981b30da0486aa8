package io.verillm.network.message;

import io.verillm.core.verdict.Verdict;
import java.util.Optional;

/** What one verifier says about an answer. */
public enum Vote {
  /** Checked and holds. */
  ACCEPT(0),
  /** The prover is at fault. */
  REJECT(1),
  /** Could not decide; never counted for either side. */
  UNDECIDED(2);

  private final int code;

  Vote(int code) {
    this.code = code;
  }

  /** The stable code on the wire. */
  public int code() {
    return code;
  }

  /** Finds a vote by its code. */
  public static Optional<Vote> ofCode(long code) {
    for (Vote vote : values()) {
      if (vote.code == code) {
        return Optional.of(vote);
      }
    }
    return Optional.empty();
  }

  /** What a verdict says in a committee: only accepted and rejected decide anything. */
  public static Vote of(Verdict verdict) {
    return verdict.match(a -> ACCEPT, r -> REJECT, i -> UNDECIDED, a -> UNDECIDED);
  }
}
