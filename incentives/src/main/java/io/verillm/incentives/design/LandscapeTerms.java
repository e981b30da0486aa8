package io.verillm.incentives.design;

import io.verillm.incentives.internal.Require;

/**
 * What cheating brings and risks over one epoch.
 *
 * @param requests requests per epoch, at least 1
 * @param pay pay per request, not negative; forfeited on a detected cheat
 * @param saving saved per cheated request, not negative
 * @param stake lost once per epoch if any cheat of the epoch is detected, not negative
 * @param power probability that an audit of a cheated request detects it, in [0, 1]
 */
public record LandscapeTerms(int requests, double pay, double saving, double stake, double power) {
  /** Checks the ranges. */
  public LandscapeTerms {
    Require.atLeast(requests, 1, "requests");
    Require.notNegative(pay, "pay");
    Require.notNegative(saving, "saving");
    Require.notNegative(stake, "stake");
    Require.probability(power, "power");
  }

  /**
   * Returns what a node that cheats on a share of requests gains over an honest one per epoch:
   * n·φ·(saving − p·d·pay) − (1 − (1 − φ·p·d)^n)·stake.
   */
  public double gain(double cheatShare, double auditRate) {
    Require.probability(cheatShare, "cheatShare");
    double caught = Require.probability(auditRate, "auditRate") * power;
    double any = -StrictMath.expm1(requests * StrictMath.log1p(-cheatShare * caught));
    // With certainty of being caught log1p is minus infinity and the product still means one.
    double detected = cheatShare * caught == 0 ? 0 : any;
    return requests * cheatShare * (saving - caught * pay) - detected * stake;
  }

  /**
   * Returns the audit rate above which a cheat share gains nothing; above one there is none, zero
   * if it never gains.
   */
  public double breakEvenAuditRate(double cheatShare) {
    if (gain(cheatShare, 0) <= 0) {
      return 0;
    }
    if (gain(cheatShare, 1) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    double low = 0;
    double high = 1;
    for (int step = 0; step < 60; step++) {
      double middle = (low + high) / 2;
      if (gain(cheatShare, middle) > 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}
