package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import java.util.Map;

/**
 * Whether scores of canary orders, whose provers are known to be honest, still look like the
 * calibration. Two-sample Kolmogorov–Smirnov per statistic, Bonferroni over the statistics.
 *
 * <p>Drift accuses nobody: it says that the profile must be made again. Thread-safe.
 */
@CheckReturnValue
public final class DriftCheck {
  private DriftCheck() {}

  /**
   * What was found.
   *
   * @param statistic the one that moved most
   * @param pValue its p-value times the number of statistics, at most 1
   * @param drifted whether that is at most the level
   */
  public record Result(String statistic, double pValue, boolean drifted) {}

  /**
   * Compares fresh honest scores with the profile's.
   *
   * @param fresh scores in millionths by statistic, for every statistic of the profile, one per
   *     canary sequence
   * @param level share of checks that may raise a false alarm
   */
  public static Result compare(
      CalibrationProfile profile, Map<String, long[]> fresh, double level) {
    Require.open01(level, "level");
    String worst = profile.statistics().get(0).name();
    double smallest = 1;
    for (StatisticCalibration statistic : profile.statistics()) {
      long[] now = fresh.get(statistic.name());
      if (now == null) {
        throw new IllegalArgumentException("no fresh scores of " + statistic.name());
      }
      double p = KolmogorovSmirnov.twoSample(doubles(now), doubles(statistic.scores())).pValue();
      if (p < smallest) {
        smallest = p;
        worst = statistic.name();
      }
    }
    double corrected = Math.min(1, smallest * profile.statistics().size());
    return new Result(worst, corrected, corrected <= level);
  }

  private static double[] doubles(long... micros) {
    double[] values = new double[micros.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = micros[i];
    }
    return values;
  }
}
