package io.verillm.stats.sequential;

import io.verillm.stats.internal.Require;

/**
 * Finds a node that turns bad later: restarted e-values with an average run length of at least 1/α.
 *
 * <p>Shiryaev–Roberts form M_t = (M_{t−1} + 1)·e_t; CUSUM form M_t = max(M_{t−1}, 1)·e_t, never
 * above it. An alarm is raised at M &ge; 1/α and the statistic restarts (Shin, Ramdas and Rinaldo
 * 2024). Unlike an e-process an honest node will raise an alarm sooner or later, on average not
 * before 1/α observations: an alarm calls for a fresh test, never for a penalty. One object, one
 * thread.
 */
public final class ChangeDetector {
  private final boolean shiryaevRoberts;
  private final double threshold;
  private double statistic;
  private long alarms;

  private ChangeDetector(boolean shiryaevRoberts, double alpha) {
    this.shiryaevRoberts = shiryaevRoberts;
    this.threshold = 1 / Require.open01(alpha, "alpha");
  }

  /** Returns the detector that sums over all possible change points. */
  public static ChangeDetector shiryaevRoberts(double alpha) {
    return new ChangeDetector(true, alpha);
  }

  /** Returns the detector that follows the best change point. */
  public static ChangeDetector cusum(double alpha) {
    return new ChangeDetector(false, alpha);
  }

  /**
   * Takes one e-value into account; returns whether it raised an alarm, after which it restarted.
   *
   * @param e non-negative, an e-value given the past
   */
  public boolean update(double e) {
    Require.that(e >= 0, "e is negative or NaN: " + e);
    double before = shiryaevRoberts ? statistic + 1 : Math.max(statistic, 1);
    statistic = e == 0 ? 0 : before * e;
    if (statistic >= threshold) {
      statistic = 0;
      alarms++;
      return true;
    }
    return false;
  }

  /** Returns the current statistic. */
  public double statistic() {
    return statistic;
  }

  /** Returns the number of alarms so far. */
  public long alarms() {
    return alarms;
  }
}
