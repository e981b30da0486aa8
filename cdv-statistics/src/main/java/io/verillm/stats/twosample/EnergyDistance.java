package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PairSums;
import io.verillm.stats.permutation.PermutationResult;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;

/**
 * Energy distance 2E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖ with Euclidean norm (Székely and Rizzo), for vectors
 * of any dimension and stratified by question.
 *
 * <p>Zero in the population exactly if the laws are equal. The V-statistic averages over all
 * ordered pairs, self-pairs included, and is never negative; the U-statistic leaves self-pairs out,
 * is unbiased and may be negative. Immutable and thread-safe.
 */
@CheckReturnValue
public final class EnergyDistance {
  private final StratifiedDesign design;
  private final PairSums sums;

  private EnergyDistance(StratifiedDesign design, PairSums sums) {
    this.design = design;
    this.sums = sums;
  }

  /** Returns the comparison of two univariate samples. */
  public static EnergyDistance of(double[] x, double[] y) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    StratifiedDesign design = StratifiedDesign.single(x.length, y.length);
    int n = x.length;
    PairSums sums =
        PairSums.of(
            design, (i, j) -> Math.abs((i < n ? x[i] : y[i - n]) - (j < n ? x[j] : y[j - n])));
    return new EnergyDistance(design, sums);
  }

  /**
   * Returns the comparison of vectors laid out by {@code design}.
   *
   * @param items one vector per item of the design, equal lengths, finite
   */
  public static EnergyDistance of(StratifiedDesign design, double[][] items) {
    Require.that(
        items.length == design.size(), "items must have one vector per item of the design");
    int dimension = items[0].length;
    for (int i = 0; i < items.length; i++) {
      Require.finite(items[i], "items[" + i + "]", 1);
      Require.that(items[i].length == dimension, "items[" + i + "] has another dimension");
    }
    return new EnergyDistance(design, PairSums.of(design, (i, j) -> euclidean(items[i], items[j])));
  }

  /** Returns ‖a − b‖₂. */
  public static double euclidean(double[] a, double[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      double d0 = a[i] - b[i];
      double d1 = a[i + 1] - b[i + 1];
      double d2 = a[i + 2] - b[i + 2];
      double d3 = a[i + 3] - b[i + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    for (; i < a.length; i++) {
      s0 += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt((s0 + s1) + (s2 + s3));
  }

  /** Returns the sum over strata of the V-statistic. */
  public double vStatistic() {
    return vStatistic(design.observedOrder());
  }

  private double vStatistic(int[] order) {
    return sums.evaluate(order, this::stratumV);
  }

  private double stratumV(int s, double xx, double yy, double xy) {
    double n = design.first(s);
    double m = design.second(s);
    if (n == 0 || m == 0) {
      return 0; // a question answered by one side only says nothing
    }
    return 2 * xy / (n * m) - 2 * xx / (n * n) - 2 * yy / (m * m);
  }

  /** Returns Σ nm/(n+m) times the V-statistic, the usual test statistic. */
  public double scaledStatistic() {
    return scaled(design.observedOrder());
  }

  private double scaled(int[] order) {
    return sums.evaluate(
        order,
        (s, xx, yy, xy) -> {
          double n = design.first(s);
          double m = design.second(s);
          return n * m / (n + m) * stratumV(s, xx, yy, xy);
        });
  }

  /**
   * Returns the sum over strata of the unbiased U-statistic.
   *
   * @throws IllegalArgumentException if a stratum has fewer than two items of either sample
   */
  public double uStatistic() {
    return sums.evaluate(
        design.observedOrder(),
        (s, xx, yy, xy) -> {
          double n = design.first(s);
          double m = design.second(s);
          Require.that(n > 1 && m > 1, "stratum " + s + " needs two items of both samples");
          return 2 * xy / (n * m) - 2 * xx / (n * (n - 1)) - 2 * yy / (m * (m - 1));
        });
  }

  /** Returns the permutation test of the scaled statistic; constant items give 0 and p = 1. */
  public PermutationResult test(PermutationTest permutations) {
    return permutations.run(design, this::scaled);
  }

  /** Returns scaled statistics of random relabellings, for a histogram. */
  public double[] nullDraws(PermutationTest permutations, int count) {
    return permutations.nullDraws(design, this::scaled, count);
  }
}
