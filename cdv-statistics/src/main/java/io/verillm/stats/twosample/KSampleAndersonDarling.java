package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;

/**
 * Anderson–Darling test that k samples share one law (Scholz and Stephens, JASA 82, 1987).
 *
 * <p>The statistic is standardised by its exact null mean and variance. Two forms differ only with
 * ties: the right-continuous one and the mid-rank one. Thread-safe.
 */
@CheckReturnValue
public final class KSampleAndersonDarling {
  /** How ties enter. */
  public enum Ties {
    /** Empirical distribution functions as they are, right-continuous. */
    RIGHT,
    /** The average of left and right limits. */
    MIDRANK
  }

  private static final double[] LEVEL = {.25, .1, .05, .025, .01, .005, .001};
  private static final double[] B0 = {.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085};
  private static final double[] B1 = {-.245, .25, .678, 1.149, 1.822, 2.364, 3.615};
  private static final double[] B2 = {-.105, -.305, -.362, -.391, -.396, -.345, -.154};

  private final Ties ties;
  private final int[] group;
  private final int[] value;
  private final int[] sizes;
  private final int[] multiplicity;
  private final double mean;
  private final double deviation;

  private KSampleAndersonDarling(Ties ties, double[][] samples) {
    Require.atLeast(samples.length, 2, "samples");
    this.ties = ties;
    this.sizes = new int[samples.length];
    int total = 0;
    for (int k = 0; k < samples.length; k++) {
      Require.finite(samples[k], "samples[" + k + "]", 1);
      sizes[k] = samples[k].length;
      total = Math.addExact(total, sizes[k]);
    }
    Require.atLeast(total, 4, "pooled size");
    double[] pooled = new double[total];
    this.group = new int[total];
    int at = 0;
    for (int k = 0; k < samples.length; k++) {
      for (double v : samples[k]) {
        pooled[at] = v + 0.0;
        group[at++] = k;
      }
    }
    double[] distinct = Arrays.stream(pooled).sorted().distinct().toArray();
    Require.that(distinct.length > 1, "samples are all ties: the statistic is undefined");
    this.value = new int[total];
    this.multiplicity = new int[distinct.length];
    for (int i = 0; i < total; i++) {
      value[i] = Arrays.binarySearch(distinct, pooled[i]);
      multiplicity[value[i]]++;
    }
    this.mean = samples.length - 1;
    this.deviation = Math.sqrt(variance(sizes, total));
  }

  private static double variance(int[] sizes, int size) {
    double inverse = 0;
    for (int n : sizes) {
      inverse += 1.0 / n;
    }
    double harmonic = 0;
    for (int i = 1; i < size; i++) {
      harmonic += 1.0 / i;
    }
    double g = doubleSum(size);
    int k = sizes.length;
    double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
    double b = (2 * g - 4) * k * k + 8 * harmonic * k + (2 * g - 14 * harmonic - 4) * inverse;
    b += -8 * harmonic + 4 * g - 6;
    double c = (6 * harmonic + 2 * g - 2) * k * k + (4 * harmonic - 4 * g + 6) * k;
    c += (2 * harmonic - 6) * inverse + 4 * harmonic;
    double d = (2 * harmonic + 6) * k * k - 4 * harmonic * k;
    double n = size;
    return (a * n * n * n + b * n * n + c * n + d) / ((n - 1) * (n - 2) * (n - 3));
  }

  /** Returns Σ_{i=1}^{N−2} Σ_{j=i+1}^{N−1} 1/((N−i) j). */
  private static double doubleSum(int size) {
    double tail = 0;
    double sum = 0;
    for (int i = size - 2; i >= 1; i--) {
      tail += 1.0 / (i + 1);
      sum += tail / (size - i);
    }
    return sum;
  }

  private double standardised(int[] labels) {
    int size = labels.length;
    int[][] counts = new int[sizes.length][multiplicity.length];
    for (int i = 0; i < size; i++) {
      counts[labels[i]][value[i]]++;
    }
    double total = 0;
    for (int k = 0; k < sizes.length; k++) {
      total +=
          ties == Ties.RIGHT ? right(counts[k], sizes[k], size) : mid(counts[k], sizes[k], size);
    }
    return (total - mean) / deviation;
  }

  private double right(int[] count, double n, double size) {
    double seen = 0;
    double pooled = 0;
    double sum = 0;
    for (int j = 0; j < count.length - 1; j++) {
      seen += count[j];
      pooled += multiplicity[j];
      double gap = size * seen - pooled * n;
      sum += multiplicity[j] / size * gap * gap / (pooled * (size - pooled));
    }
    return sum / n;
  }

  private double mid(int[] count, double n, double size) {
    double seen = 0;
    double pooled = 0;
    double sum = 0;
    for (int j = 0; j < count.length; j++) {
      double half = multiplicity[j] / 2.0;
      double b = pooled + half;
      double gap = size * (seen + count[j] / 2.0) - n * b;
      sum += multiplicity[j] / size * gap * gap / (b * (size - b) - size * multiplicity[j] / 4.0);
      seen += count[j];
      pooled += multiplicity[j];
    }
    return sum * (size - 1) / size / n;
  }

  /**
   * Returns the standardised statistic with a permutation p-value.
   *
   * @param samples at least two samples of finite values, four values in all, not all equal
   */
  public static TestResult permutation(double[][] samples, Ties ties, long seed, int draws) {
    Require.atLeast(draws, 1, "draws");
    KSampleAndersonDarling test = new KSampleAndersonDarling(ties, samples);
    double observed = test.standardised(test.group);
    double threshold = observed - 1e-12 * Math.max(1, Math.abs(observed));
    long exceeding = 0;
    SplitMix64 random = new SplitMix64(0);
    int[] labels = test.group.clone();
    for (int b = 0; b < draws; b++) {
      random.restart(seed, b);
      System.arraycopy(test.group, 0, labels, 0, labels.length);
      random.shuffle(labels);
      if (test.standardised(labels) >= threshold) {
        exceeding++;
      }
    }
    double p = (exceeding + 1.0) / (draws + 1.0);
    return new TestResult("ad-k-sample", observed, p, PValueMethod.PERMUTATION);
  }

  /**
   * Returns the standardised statistic with a p-value interpolated between the published critical
   * values.
   *
   * <p>Outside their range [.001, .25] the p-value is extrapolated and only indicative.
   */
  public static TestResult interpolated(double[][] samples, Ties ties) {
    KSampleAndersonDarling test = new KSampleAndersonDarling(ties, samples);
    double observed = test.standardised(test.group);
    double m = samples.length - 1;
    double[] critical = new double[LEVEL.length];
    double[] logLevel = new double[LEVEL.length];
    for (int i = 0; i < LEVEL.length; i++) {
      critical[i] = B0[i] + B1[i] / Math.sqrt(m) + B2[i] / m;
      logLevel[i] = Math.log(LEVEL[i]);
    }
    double p = Math.exp(QuadraticFit.at(critical, logLevel, observed));
    return new TestResult("ad-k-sample", observed, Math.min(1, p), PValueMethod.ASYMPTOTIC);
  }
}
