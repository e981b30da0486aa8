package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.Alternative;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.PooledOrder;
import io.verillm.stats.internal.Require;
import io.verillm.stats.internal.Special;

/**
 * Mann–Whitney test: U = #{x &gt; y} + ½ #{x = y}.
 *
 * <p>Exact by counting mid-rank sums conditional on the ties while n·(n+m)² stays below {@value
 * #EXACT_WORK}; otherwise normal with tie and continuity correction. Thread-safe.
 *
 * <p>It speaks about P(X &gt; Y), not about equal distributions.
 */
@CheckReturnValue
public final class MannWhitney {
  /** Largest n·(n + m)² that is counted exactly. */
  public static final long EXACT_WORK = 4_000_000;

  private MannWhitney() {}

  /**
   * Returns the test.
   *
   * @param x finite values, at least one
   * @param y finite values, at least one
   * @param alternative GREATER: x tends to be larger
   */
  public static TestResult test(double[] x, double[] y, Alternative alternative) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    double size = (double) x.length + y.length;
    return Math.min(x.length, y.length) * size * size <= EXACT_WORK
        ? exact(x, y, alternative)
        : normal(x, y, alternative);
  }

  /** Returns the test with its p-value counted. */
  public static TestResult exact(double[] x, double[] y, Alternative alternative) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    PooledOrder pooled = PooledOrder.of(x, y);
    double u = statistic(pooled, x.length);
    int n = x.length;
    int m = y.length;
    // counts[k][r]: probability weight of k chosen values with doubled mid-rank sum r
    int top = n * (2 * m + n + 1) + 1;
    double[][] weight = new double[n + 1][top];
    weight[0][0] = 1;
    int taken = 0;
    for (int g = 0; g < pooled.groups(); g++) {
      int doubled = 2 * taken + pooled.count(g) + 1;
      for (int c = 0; c < pooled.count(g); c++) {
        taken++;
        for (int k = Math.min(n, taken); k >= 1; k--) {

          for (int r = top - 1; r >= doubled; r--) {
            weight[k][r] += weight[k - 1][r - doubled];
          }
        }
      }
      rescale(weight);
    }
    double[] law = weight[n];
    double total = 0;
    double atLeast = 0;
    double atMost = 0;
    long observed = Math.round(2 * u) + (long) n * (n + 1);
    for (int r = 0; r < top; r++) {
      total += law[r];
      atLeast += r >= observed ? law[r] : 0;
      atMost += r <= observed ? law[r] : 0;
    }
    double p =
        switch (alternative) {
          case GREATER -> atLeast / total;
          case LESS -> atMost / total;
          case TWO_SIDED -> Math.min(1, 2 * Math.min(atLeast, atMost) / total);
        };
    return new TestResult("mann-whitney", u, p, PValueMethod.EXACT);
  }

  /** Keeps counts in range; one common factor leaves every proportion as it is. */
  private static void rescale(double[][] weight) {
    double largest = 0;
    for (double[] row : weight) {
      for (double w : row) {
        largest = Math.max(largest, w);
      }
    }
    if (largest > 1e200) {
      for (double[] row : weight) {
        for (int r = 0; r < row.length; r++) {
          row[r] *= 1e-200;
        }
      }
    }
  }

  /** Returns the test with the normal limit, tie and continuity correction; all ties give p = 1. */
  public static TestResult normal(double[] x, double[] y, Alternative alternative) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    PooledOrder pooled = PooledOrder.of(x, y);
    double n = x.length;
    double m = y.length;
    double size = n + m;
    double u = statistic(pooled, x.length);
    double ties = 0;
    for (int g = 0; g < pooled.groups(); g++) {
      double t = pooled.count(g);
      ties += t * t * t - t;
    }
    double variance = n * m / 12 * (size + 1 - ties / (size * (size - 1)));
    if (!(variance > 1e-9 * n * m)) {
      return new TestResult("mann-whitney", u, 1, PValueMethod.ASYMPTOTIC);
    }
    double gap = u - n * m / 2;
    double p =
        switch (alternative) {
          case GREATER -> Special.normalTail((gap - 0.5) / Math.sqrt(variance));
          case LESS -> Special.normalTail((-gap - 0.5) / Math.sqrt(variance));
          case TWO_SIDED ->
              2 * Special.normalTail(Math.max(0, Math.abs(gap) - 0.5) / Math.sqrt(variance));
        };
    return new TestResult("mann-whitney", u, Math.min(1, p), PValueMethod.ASYMPTOTIC);
  }

  private static double statistic(PooledOrder pooled, int n) {
    double rankSum = 0;
    double taken = 0;
    for (int g = 0; g < pooled.groups(); g++) {
      rankSum += pooled.inX(g) * (taken + (pooled.count(g) + 1) / 2.0);
      taken += pooled.count(g);
    }
    return rankSum - n * (n + 1.0) / 2;
  }
}
