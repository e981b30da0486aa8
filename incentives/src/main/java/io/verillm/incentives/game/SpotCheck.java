package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;

/**
 * Random audits that always find an incorrect answer unless the auditor belongs to the audited
 * (proof of sampling).
 *
 * <p>Source: the structure of PoSP; the condition is derived here: p &gt; C / ((1 − r)(R + S)). It
 * rises with the colluding share r. A public implementation multiplies by (1 − r) instead and asks
 * for fewer audits the more auditors collude.
 *
 * @param cost C, what computing honestly costs, not negative
 * @param reward R, pay per task
 * @param stake S, lost when found out
 * @param colludingShare r, share of auditors under the audited party's control, in [0, 1)
 */
public record SpotCheck(double cost, double reward, double stake, double colludingShare) {
  /** Checks the settings. */
  public SpotCheck {
    Require.notNegative(cost, "cost");
    Require.notNegative(reward, "reward");
    Require.notNegative(stake, "stake");
    Require.that(
        colludingShare >= 0 && colludingShare < 1,
        "colludingShare must lie in [0, 1), got " + colludingShare);
    Require.positive(reward + stake, "reward plus stake");
  }

  /** Returns the audit probability above which honesty pays; above one there is none. */
  public double leastAuditRate() {
    return cost / ((1 - colludingShare) * (reward + stake));
  }

  /** Returns the condition for a given audit probability. */
  public Condition honest(double auditRate) {
    return new Condition(
        "audit rate times honest auditors times (reward + stake) exceeds the cost",
        Require.probability(auditRate, "auditRate") * (1 - colludingShare) * (reward + stake),
        cost);
  }
}
