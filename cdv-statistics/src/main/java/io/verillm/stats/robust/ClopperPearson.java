package io.verillm.stats.robust;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.Interval;
import io.verillm.stats.internal.Require;
import io.verillm.stats.internal.Special;
import java.util.function.DoubleUnaryOperator;

/**
 * Exact confidence bounds for a rate and for quantiles, from independent honest runs. Thread-safe.
 *
 * <p>They say nothing about runs of another kind than those that were counted.
 */
@CheckReturnValue
public final class ClopperPearson {
  private ClopperPearson() {}

  /** Returns the two-sided interval at {@code confidence} for {@code hits} of {@code trials}. */
  public static Interval interval(long hits, long trials, double confidence) {
    Require.open01(confidence, "confidence");
    double each = (1 + confidence) / 2;
    return new Interval(lowerBound(hits, trials, each), upperBound(hits, trials, each), confidence);
  }

  /** Returns the one-sided upper bound; 1 if every trial hit. */
  public static double upperBound(long hits, long trials, double confidence) {
    check(hits, trials, confidence);
    if (hits == trials) {
      return 1;
    }
    // P(X <= hits | p) = I_{1-p}(n - k, k + 1) = 1 - confidence
    return root(
        p -> Special.regularizedBeta(1 - p, (double) trials - hits, hits + 1.0) - (1 - confidence),
        true);
  }

  /** Returns the one-sided lower bound; 0 if no trial hit. */
  public static double lowerBound(long hits, long trials, double confidence) {
    check(hits, trials, confidence);
    if (hits == 0) {
      return 0;
    }
    return root(
        p -> Special.regularizedBeta(p, (double) hits, trials - hits + 1.0) - (1 - confidence),
        false);
  }

  /**
   * Returns the confidence with which the largest of n independent sequences exceeds the
   * q-quantile: 1 − q^n.
   */
  public static double maximumCovers(double q, long n) {
    Require.open01(q, "q");
    Require.that(n >= 1, "n must be at least 1: " + n);
    return -Math.expm1(n * Math.log(q));
  }

  /** Returns the smallest n with 1 − q^n at least {@code confidence}. */
  public static long sequencesNeeded(double q, double confidence) {
    Require.open01(q, "q");
    Require.open01(confidence, "confidence");
    return (long) Math.ceil(Math.log1p(-confidence) / Math.log(q) - 1e-12);
  }

  /**
   * Returns the smallest k such that the k-th smallest of n values exceeds the q-quantile with
   * {@code confidence}, or −1 if even the largest does not.
   */
  public static long orderStatisticFor(double q, double confidence, long n) {
    Require.open01(q, "q");
    Require.open01(confidence, "confidence");
    Require.that(n >= 1, "n must be at least 1: " + n);
    if (maximumCovers(q, n) < confidence) {
      return -1;
    }
    long low = 1;
    long high = n;
    while (low < high) { // P(at most k-1 values lie below the quantile) grows with k
      long k = (low + high) >>> 1;
      double covered = Special.regularizedBeta(1 - q, n - k + 1.0, (double) k);
      if (covered >= confidence) {
        high = k;
      } else {
        low = k + 1;
      }
    }
    return low;
  }

  private static double root(DoubleUnaryOperator f, boolean decreasing) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 200 && high - low > 1e-17 + 1e-15 * low; i++) {
      double middle = (low + high) / 2;
      if (f.applyAsDouble(middle) > 0 == decreasing) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static void check(long hits, long trials, double confidence) {
    Require.that(trials >= 1, "trials must be at least 1: " + trials);
    Require.that(hits >= 0 && hits <= trials, "hits must lie in [0, trials]: " + hits);
    Require.open01(confidence, "confidence");
  }
}
