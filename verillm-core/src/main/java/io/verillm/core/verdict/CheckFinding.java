package io.verillm.core.verdict;

import java.util.Objects;

/**
 * What one check did.
 *
 * @param statement one sentence for people: what was compared and what came out
 */
public record CheckFinding(CheckName check, State state, String statement) {
  /** How a check ended. */
  public enum State {
    /** It ran and holds. */
    HELD,
    /** It ran and does not hold. */
    FAILED,
    /** It ran and could not decide. */
    UNDECIDED,
    /** It did not run; its statement says why. */
    NOT_RUN
  }

  /** Refuses nulls. */
  public CheckFinding {
    Objects.requireNonNull(check, "check");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(statement, "statement");
  }
}
