package io.verillm.stats.multiplicity;

import io.verillm.stats.internal.Require;

/**
 * Alpha-investing (Foster and Stine 2008): each test costs wealth, each rejection earns a payout.
 *
 * <p>Level min(W/(1 + j − last), W/(1 + W)); a test that does not reject costs level/(1 − level).
 * Controls the marginal false discovery rate for independent p-values. One object, one thread.
 */
public final class AlphaInvesting {
  private final double payout;
  private double wealth;
  private long time;
  private long lastRejection;

  /** Starts with wealth {@code w0} and payout {@code payout}, both in (0, 1). */
  public AlphaInvesting(double w0, double payout) {
    this.wealth = Require.open01(w0, "w0");
    this.payout = Require.open01(payout, "payout");
  }

  /** Returns the level that the next p-value will be compared with. */
  public double nextLevel() {
    return Math.min(wealth / (2 + time - lastRejection), wealth / (1 + wealth));
  }

  /** Takes the next p-value into account; returns whether it is rejected. */
  public boolean test(double p) {
    Require.unit(p, "p");
    double level = nextLevel();
    time++;
    if (p <= level) {
      wealth += payout;
      lastRejection = time;
      return true;
    }
    wealth -= level / (1 - level);
    return false;
  }

  /** Returns the current wealth, never negative. */
  public double wealth() {
    return wealth;
  }
}
