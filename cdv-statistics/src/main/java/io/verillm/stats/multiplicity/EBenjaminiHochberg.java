package io.verillm.stats.multiplicity;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * The e-BH procedure (Wang and Ramdas, JRSS B 2022): rejects the k largest e-values for the largest
 * k with e_(k) &ge; K/(q·k); the false discovery rate is at most q under any dependence.
 *
 * <p>It bounds the expected share of wrong accusations among all accusations of a round, not the
 * chance that one accused node is honest. Thread-safe; linear plus the sorting of values of at
 * least 1/q.
 */
@CheckReturnValue
public final class EBenjaminiHochberg {
  private EBenjaminiHochberg() {}

  /**
   * Returns the threshold at or above which e-values are rejected, infinite if none is.
   *
   * @param e non-negative values, infinity allowed, at least one
   * @param q false discovery rate, in (0, 1)
   */
  public static double threshold(double[] e, double q) {
    Require.atLeast(e.length, 1, "e.length");
    Require.open01(q, "q");
    double[] large = new double[e.length]; // e_(k) >= K/(qk) >= 1/q: nothing smaller can matter
    int count = 0;
    for (int i = 0; i < e.length; i++) {
      if (!(e[i] >= 0)) {
        throw new IllegalArgumentException("e[" + i + "] is negative or NaN: " + e[i]);
      }
      if (e[i] >= (1 - 1e-12) / q) {
        large[count++] = e[i];
      }
    }
    Arrays.sort(large, 0, count);
    for (int k = count; k >= 1; k--) {
      double needed = e.length / (q * k);
      if (large[count - k] >= needed) {
        return needed;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Returns which hypotheses are rejected, in the order of {@code e}. */
  public static boolean[] rejected(double[] e, double q) {
    double threshold = threshold(e, q);
    boolean none = threshold == Double.POSITIVE_INFINITY;
    boolean[] rejected = new boolean[e.length];
    for (int i = 0; i < e.length; i++) {
      rejected[i] = !none && e[i] >= threshold;
    }
    return rejected;
  }
}
