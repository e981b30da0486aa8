package io.verillm.stats.sequential;

import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * A one-sided e-process for a flag rate, updated in a few multiplications: equal weights on {@value
 * #POINTS} alternatives between p0 and 1, geometrically spaced in the odds.
 *
 * <p>Same guarantee as {@link OneSidedBetaMixture} at any time: P(some E &ge; 1/α) &le; α for rates
 * of at most p0, and no flags means E &le; 1. It loses at most ln {@value #POINTS} against the best
 * alternative of the grid. One object belongs to one thread and one node.
 */
public final class GridEProcess {
  /** Number of alternatives. */
  public static final int POINTS = 12;

  private static final double TOO_SMALL = 0x1p-600;
  private static final double TOO_LARGE = 0x1p600;

  private final double[] onFlag;
  private final double[] onQuiet;
  private final double[] wealth = new double[POINTS];
  private int scale; // wealth carries a factor 2^(-scale)
  private long audits;

  /** Starts at E = 1 against rates of at most {@code p0}, in (0, 1). */
  public GridEProcess(double p0) {
    Require.open01(p0, "p0");
    onFlag = new double[POINTS];
    onQuiet = new double[POINTS];
    double low = Math.log(p0 / (1 - p0));
    double high = Math.max(low + 2, Math.log(0.95 / 0.05));
    for (int k = 0; k < POINTS; k++) {
      double odds = Math.exp(low + (high - low) * (k + 1) / POINTS);
      double p1 = odds / (1 + odds);
      onFlag[k] = p1 / p0;
      onQuiet[k] = (1 - p1) / (1 - p0);
      wealth[k] = 1.0 / POINTS;
    }
  }

  private GridEProcess(GridEProcess pattern) {
    onFlag = pattern.onFlag;
    onQuiet = pattern.onQuiet;
    Arrays.fill(wealth, 1.0 / POINTS);
  }

  /** Returns a new process at E = 1 against the same rate, sharing the tables of this one. */
  public GridEProcess fresh() {
    return new GridEProcess(this);
  }

  /** Takes one audit into account. */
  public void update(boolean flagged) {
    double[] factor = flagged ? onFlag : onQuiet;
    double largest = 0;
    for (int k = 0; k < POINTS; k++) {
      wealth[k] *= factor[k];
      largest = Math.max(largest, wealth[k]);
    }
    audits++;
    if (largest > TOO_LARGE || largest < TOO_SMALL) {
      rescale(largest);
    }
  }

  private void rescale(double largest) {
    int exponent = Math.getExponent(largest);
    for (int k = 0; k < POINTS; k++) {
      wealth[k] = Math.scalb(wealth[k], -exponent);
    }
    scale = Math.addExact(scale, exponent);
  }

  /** Returns ln E. */
  public double logE() {
    double sum = 0;
    for (double w : wealth) {
      sum += w;
    }
    return Math.log(sum) + scale * Math.log(2);
  }

  /** Returns E, infinite beyond the range of double. */
  public double e() {
    return Math.exp(logE());
  }

  /** Returns how many audits were taken into account. */
  public long audits() {
    return audits;
  }
}
