package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/** Merging of e-values. Thread-safe. */
@CheckReturnValue
public final class EValues {
  private EValues() {}

  /** Returns the mean: an e-value however the inputs depend on each other. */
  public static double mean(double... values) {
    check(values);
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  /**
   * Returns the weighted mean; valid under any dependence if the weights were fixed beforehand.
   *
   * @param weights non-negative, summing to one within 1e-9
   */
  public static double weightedMean(double[] values, double[] weights) {
    check(values);
    Require.that(values.length == weights.length, "values and weights differ in length");
    double sum = 0;
    double total = 0;
    for (int i = 0; i < values.length; i++) {
      Require.unit(weights[i], "weights[" + i + "]");
      total += weights[i];
      sum += weights[i] == 0 ? 0 : weights[i] * values[i];
    }
    Require.that(Math.abs(total - 1) < 1e-9, "weights must sum to 1: " + total);
    return sum;
  }

  /**
   * Returns the product: an e-value only if each input is one given all earlier inputs.
   *
   * <p>p-values that share a calibration set do not satisfy that; their product slashes honest
   * nodes.
   */
  public static double sequentialProduct(double... values) {
    check(values);
    double product = 1;
    for (double v : values) {
      product = product == 0 || v == 0 ? 0 : product * v;
    }
    return product;
  }

  /** Returns the lower median: a committee's value, which its minority cannot raise. */
  public static double lowerMedian(double... values) {
    check(values);
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }

  /** Returns 1 − share + share·e, an e-value that cannot ruin a product; share in [0, 1]. */
  public static double hedged(double e, double share) {
    check(e);
    Require.unit(share, "share");
    return share == 0 ? 1 : 1 - share + share * e;
  }

  private static void check(double... values) {
    Require.atLeast(values.length, 1, "values.length");
    for (int i = 0; i < values.length; i++) {
      Require.that(values[i] >= 0, "values[" + i + "] is negative or NaN: " + values[i]);
    }
  }
}
