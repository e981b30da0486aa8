package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;
import java.util.List;

/**
 * Random audits with power d and false-positive rate f that put R + S at risk.
 *
 * <p>Honesty pays iff p(d − f)(R + S) &gt; c, and taking part pays iff p f (R + S) ≤ R − c. With
 * real slashing S is taken only through accumulated evidence; for a single audit set {@code atRisk}
 * to zero beyond the pay, because a single flag slashes nobody.
 *
 * @param power d, probability that an audit finds a cheat, in [0, 1]
 * @param falsePositive f, probability that an audit flags honest work, in [0, 1]
 * @param reward R, pay per task
 * @param atRisk S, lost beyond the pay on a flagged audit
 * @param cost c, what honest work costs beyond cheating
 */
public record NoisyAudit(
    double power, double falsePositive, double reward, double atRisk, double cost) {
  /** Checks the settings. */
  public NoisyAudit {
    Require.probability(power, "power");
    Require.probability(falsePositive, "falsePositive");
    Require.positive(reward, "reward");
    Require.notNegative(atRisk, "atRisk");
    Require.notNegative(cost, "cost");
  }

  /**
   * Returns the audit rate above which honesty pays; infinite if the test has no power beyond its
   * false positives.
   */
  public double leastAuditRate() {
    return power > falsePositive
        ? cost / ((power - falsePositive) * (reward + atRisk))
        : Double.POSITIVE_INFINITY;
  }

  /**
   * Returns the audit rate up to which honest work still pays, at most one; negative if it never
   * does.
   */
  public double mostAuditRate() {
    if (falsePositive == 0) {
      return reward >= cost ? 1 : -1;
    }
    return Math.min(1, (reward - cost) / (falsePositive * (reward + atRisk)));
  }

  /** Returns what has to hold so that some audit rate makes honest work pay. */
  public List<Condition> feasibility() {
    return List.of(
        new Condition("the test's power exceeds its false-positive rate", power, falsePositive),
        new Condition(
            "the pay after costs over the false-positive rate exceeds the saving over the power",
            falsePositive == 0
                ? Double.POSITIVE_INFINITY * Math.signum(Math.max(reward - cost, -1))
                : (reward - cost) / falsePositive,
            power > falsePositive ? cost / (power - falsePositive) : Double.POSITIVE_INFINITY),
        new Condition("an audit rate of at most one suffices", 1, leastAuditRate()));
  }

  /** Returns what an honest worker expects per task. */
  public double honestUtility(double auditRate) {
    return reward - cost - auditRate * falsePositive * (reward + atRisk);
  }

  /**
   * Returns what a worker expects that cheats on a share of its tasks and saves {@code cost} on
   * each of those.
   */
  public double cheatingUtility(double auditRate, double cheatShare) {
    Require.probability(cheatShare, "cheatShare");
    double flagged = cheatShare * power + (1 - cheatShare) * falsePositive;
    return reward - (1 - cheatShare) * cost - auditRate * flagged * (reward + atRisk);
  }
}
