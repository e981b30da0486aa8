package io.verillm.stats.robust;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * Robust location and scale of finite values. Medians of even samples average the two middle
 * values. Thread-safe.
 */
@CheckReturnValue
public final class RobustStatistics {
  /** Makes the median absolute deviation consistent for normal values. */
  public static final double NORMAL_MAD = 1.4826022185056018;

  private RobustStatistics() {}

  /** Returns the median. */
  public static double median(double... values) {
    return medianOfSorted(sorted(values));
  }

  private static double medianOfSorted(double[] sorted) {
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
  }

  /** Returns the median absolute deviation from the median, unscaled. */
  public static double mad(double... values) {
    double centre = median(values);
    double[] gaps = values.clone();
    Arrays.setAll(gaps, i -> Math.abs(gaps[i] - centre));
    return median(gaps);
  }

  /**
   * Returns (x − median)/(1.4826·MAD) of {@code x} against {@code values}.
   *
   * <p>With MAD = 0 the scale falls back to the smallest positive gap among the values; if there is
   * none, equal values give 0 and others ±∞: exact matching.
   */
  public static double zScore(double x, double... values) {
    double centre = median(values);
    double scale = NORMAL_MAD * mad(values);
    if (scale == 0) {
      for (double v : values) {
        double gap = Math.abs(v - centre);
        scale = gap > 0 && (scale == 0 || gap < scale) ? gap : scale;
      }
    }
    double gap = x - centre;
    return gap == 0 ? 0 : gap / scale;
  }

  /**
   * Returns the p-quantile, linear between order statistics (type 7).
   *
   * @param p in [0, 1]
   */
  public static double quantile(double p, double... values) {
    Require.unit(p, "p");
    double[] s = sorted(values);
    double at = p * (s.length - 1);
    int low = (int) Math.floor(at);
    int high = Math.min(low + 1, s.length - 1);
    return s[low] + (at - low) * (s[high] - s[low]);
  }

  /** Returns the interquartile range, type 7. */
  public static double interquartileRange(double... values) {
    return quantile(0.75, values) - quantile(0.25, values);
  }

  /**
   * Returns the mean without the ⌊share·n⌋ smallest and largest values.
   *
   * @param share cut at each end, in [0, 0.5)
   */
  public static double trimmedMean(double share, double... values) {
    int cut = cut(share, values.length);
    double[] s = sorted(values);
    double sum = 0;
    for (int i = cut; i < s.length - cut; i++) {
      sum += s[i];
    }
    return sum / (s.length - 2 * cut);
  }

  /** Returns the mean after the ⌊share·n⌋ values at each end moved to the nearest kept value. */
  public static double winsorisedMean(double share, double... values) {
    int cut = cut(share, values.length);
    double[] s = sorted(values);
    double sum = 0;
    for (int i = 0; i < s.length; i++) {
      sum += s[Math.max(cut, Math.min(s.length - 1 - cut, i))];
    }
    return sum / s.length;
  }

  private static int cut(double share, int n) {
    Require.that(share >= 0 && share < 0.5, "share must lie in [0, 0.5): " + share);
    return (int) Math.floor(share * n + 1e-9);
  }

  /** Returns the median of all pairwise means, single values included; O(n² log n), n ≤ 5000. */
  public static double hodgesLehmann(double... values) {
    Require.finite(values, "values", 1);
    Require.that(values.length <= 5000, "values needs at most 5000 entries");
    int n = values.length;
    double[] means = new double[n * (n + 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        means[at++] = (values[i] + values[j]) / 2;
      }
    }
    return median(means);
  }

  /**
   * Returns Qn without small-sample factor: 2.2219 times the k-th smallest pairwise gap, k =
   * C(⌊n/2⌋+1, 2) (Rousseeuw and Croux 1993); O(n² log n), 2 ≤ n ≤ 5000.
   */
  public static double qn(double... values) {
    Require.finite(values, "values", 2);
    Require.that(values.length <= 5000, "values needs at most 5000 entries");
    int n = values.length;
    double[] gaps = new double[n * (n - 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        gaps[at++] = Math.abs(values[i] - values[j]);
      }
    }
    Arrays.sort(gaps);
    int h = n / 2 + 1;
    return 2.2219 * gaps[h * (h - 1) / 2 - 1];
  }

  private static double[] sorted(double[] values) {
    double[] copy = Require.finite(values, "values", 1).clone();
    Arrays.sort(copy);
    return copy;
  }
}
