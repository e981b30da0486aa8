package io.verillm.core.verdict;

import java.util.Objects;
import java.util.function.Function;

/**
 * The outcome of a verification. Four kinds, because "could not decide" is neither yes nor no.
 *
 * <p>Accepted does not prove that the model ran; it says that the checks in the findings, with the
 * coverage in the findings, found nothing against it.
 */
public sealed interface Verdict {
  /** What was compared and how. */
  Findings findings();

  /** {@code ACCEPTED}, {@code REJECTED}, {@code INCONCLUSIVE} or {@code ABSTAINED}. */
  default String kind() {
    return match(a -> "ACCEPTED", r -> "REJECTED", i -> "INCONCLUSIVE", a -> "ABSTAINED");
  }

  /** The reason, shortfall or cause; empty for an acceptance. */
  default String reasonName() {
    return match(a -> "", r -> r.reason().name(), i -> i.shortfall().name(), a -> a.cause().name());
  }

  /** Checked and holds. */
  record Accepted(Findings findings) implements Verdict {
    /** Refuses null. */
    public Accepted {
      Objects.requireNonNull(findings, "findings");
    }
  }

  /** Checked and does not hold: what the prover delivered is not what was ordered. */
  record Rejected(Reason reason, Findings findings) implements Verdict {
    /** Refuses nulls. */
    public Rejected {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(findings, "findings");
    }
  }

  /** Not enough to decide. */
  record Inconclusive(Shortfall shortfall, Findings findings) implements Verdict {
    /** Refuses nulls. */
    public Inconclusive {
      Objects.requireNonNull(shortfall, "shortfall");
      Objects.requireNonNull(findings, "findings");
    }
  }

  /** Not ours to judge. */
  record Abstained(Cause cause, Findings findings) implements Verdict {
    /** Refuses nulls. */
    public Abstained {
      Objects.requireNonNull(cause, "cause");
      Objects.requireNonNull(findings, "findings");
    }
  }

  /** Takes one branch; a new kind of verdict breaks every caller at compile time. */
  default <T> T match(
      Function<Accepted, T> accepted,
      Function<Rejected, T> rejected,
      Function<Inconclusive, T> inconclusive,
      Function<Abstained, T> abstained) {
    if (this instanceof Accepted verdict) {
      return accepted.apply(verdict);
    }
    if (this instanceof Rejected verdict) {
      return rejected.apply(verdict);
    }
    if (this instanceof Inconclusive verdict) {
      return inconclusive.apply(verdict);
    }
    return abstained.apply((Abstained) this);
  }
}
