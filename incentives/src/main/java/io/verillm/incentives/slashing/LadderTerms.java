package io.verillm.incentives.slashing;

import io.verillm.incentives.internal.Require;

/**
 * The levels of the ladder.
 *
 * @param warnAt e-value of a warning, above 1
 * @param demoteAt e-value of a demotion, above warnAt
 * @param slashAt e-value of a slash, above demoteAt
 * @param fullSlashExponent decimal exponent of the e-value at which the whole stake goes; the
 *     fraction is log₁₀E over it
 */
public record LadderTerms(
    double warnAt, double demoteAt, double slashAt, double fullSlashExponent) {
  /** Checks the order of the levels. */
  public LadderTerms {
    Require.that(
        1 < warnAt && warnAt < demoteAt && demoteAt < slashAt && slashAt < 1e12,
        "levels must rise from 1: " + warnAt + ", " + demoteAt + ", " + slashAt);
    Require.that(
        fullSlashExponent >= StrictMath.log10(slashAt) && fullSlashExponent <= 12,
        "the whole stake cannot go before the slash level");
  }

  /** Returns warn at 20, demote at 100, slash from 10⁴, the whole stake at 10⁶. */
  public static LadderTerms withDefaults() {
    return new LadderTerms(20, 100, 1e4, 6);
  }

  /**
   * Returns the share of the stake that a slash at this evidence takes, min(1, log₁₀E / exponent);
   * 0 below the level.
   */
  public double slashFraction(double logWealth) {
    if (!(logWealth >= StrictMath.log(slashAt))) {
      return 0;
    }
    return Math.min(1, logWealth / StrictMath.log(10) / fullSlashExponent);
  }

  /**
   * Returns a bound on the share of its stake that an honest node loses wrongly over one life, in
   * expectation.
   *
   * <p>By Ville's inequality P(E ever ≥ x) ≤ 1/x for honest nodes; integrating the fraction over
   * that tail gives (log₁₀A + (1 − A/F)/ln 10) / (A·exponent) with A the slash level and F =
   * 10^exponent. It is below 1/A. A life ends with a slash; e-BH and the fresh re-execution only
   * lower it.
   */
  public double expectedWrongfulSlash() {
    double full = StrictMath.pow(10, fullSlashExponent);
    return (StrictMath.log10(slashAt) + (1 - slashAt / full) / StrictMath.log(10))
        / (slashAt * fullSlashExponent);
  }
}
