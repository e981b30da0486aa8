package io.verillm.core.verdict;

import java.util.Objects;
import java.util.Optional;

/** What one check concludes, before anyone combines it with others. */
public sealed interface CheckResult {
  /** Which check this is. */
  CheckName check();

  /** One sentence for people: what was compared and what came out. */
  String statement();

  /** Holds for everything that was compared. */
  record Held(CheckName check, String statement) implements CheckResult {
    /** Refuses nulls. */
    public Held {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(statement, "statement");
    }
  }

  /** Does not hold, by exact comparison. */
  record Failed(CheckName check, Reason reason, Optional<Location> location, String statement)
      implements CheckResult {
    /** Refuses nulls. */
    public Failed {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(location, "location");
      Objects.requireNonNull(statement, "statement");
    }
  }

  /**
   * Compared with a calibration. Decides nothing alone: the evidence of all checks of a request is
   * combined, see {@link CombinedEvidence}.
   *
   * @param evidence what was measured
   * @param reason the reason of a rejection in which this check speaks loudest
   * @param location where the difference is largest
   */
  record Measured(Evidence evidence, Reason reason, Optional<Location> location, String statement)
      implements CheckResult {
    /** Refuses nulls. */
    public Measured {
      Objects.requireNonNull(evidence, "evidence");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(location, "location");
      Objects.requireNonNull(statement, "statement");
    }

    @Override
    public CheckName check() {
      return evidence.check();
    }
  }

  /** Compared, and the difference cannot be judged. */
  record Undecided(CheckName check, Shortfall shortfall, String statement) implements CheckResult {
    /** Refuses nulls. */
    public Undecided {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(shortfall, "shortfall");
      Objects.requireNonNull(statement, "statement");
    }
  }

  /** Could not be run. */
  record Unavailable(CheckName check, Cause cause, String statement) implements CheckResult {
    /** Refuses nulls. */
    public Unavailable {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(cause, "cause");
      Objects.requireNonNull(statement, "statement");
    }
  }
}
