package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.function.IntPredicate;

/**
 * The Token-DiFR margin: how far the claimed token is behind the token that the shared noise
 * selects.
 *
 * <p>M = max_v (z_v + τ g_v) − (z_c + τ g_c) over the support, g = −ln E with E standard
 * exponential; 0 exactly if the claimed token wins. τ = 0 gives the greedy margin. The published
 * margin of a token outside the support is infinite; batch statistics clip it. Thread-safe.
 *
 * <p>A small margin does not show which model computed the logits, only that the token fits them.
 */
@CheckReturnValue
public final class SeededMargin {
  private SeededMargin() {}

  /** Returns −ln(e), the Gumbel number of a standard exponential number. */
  public static double gumbel(double exponential) {
    return -StrictMath.log(Require.positive(exponential, "exponential"));
  }

  /** Returns the token that wins; ties go to the lower id. */
  public static int winner(
      double[] logits, double[] gumbel, double temperature, IntPredicate support) {
    check(logits, gumbel, temperature);
    int best = -1;
    for (int v = 0; v < logits.length; v++) {
      if (support.test(v)
          && (best < 0
              || logits[v] + temperature * gumbel[v] > logits[best] + temperature * gumbel[best])) {
        best = v;
      }
    }
    Require.that(best >= 0, "support is empty");
    return best;
  }

  /**
   * Returns the margin of {@code claimed}, at least 0, infinite outside the support.
   *
   * @param logits finite
   * @param gumbel one finite number per token
   * @param temperature at least 0; it scales the noise, so margins keep the scale of the logits
   * @param support which tokens top-k and top-p left, decided on logits divided by temperature
   */
  public static double margin(
      double[] logits, double[] gumbel, double temperature, IntPredicate support, int claimed) {
    Require.that(claimed >= 0 && claimed < logits.length, "claimed outside the vocabulary");
    int best = winner(logits, gumbel, temperature, support);
    if (!support.test(claimed)) {
      return Double.POSITIVE_INFINITY;
    }
    return logits[best]
        + temperature * gumbel[best]
        - (logits[claimed] + temperature * gumbel[claimed]);
  }

  /** Returns the mean of margins clipped at {@code limit}. */
  public static double meanClipped(double[] margins, double limit) {
    Require.atLeast(margins.length, 1, "margins.length");
    Require.positive(limit, "limit");
    double sum = 0;
    for (double m : margins) {
      Require.that(m >= 0, "margin is negative or NaN: " + m);
      sum += Math.min(m, limit);
    }
    return sum / margins.length;
  }

  /**
   * Returns how many margins exceed {@code bound}: the second statistic, because one swapped token
   * drowns in a mean.
   */
  public static int extremeCount(double[] margins, double bound) {
    Require.positive(bound, "bound");
    int count = 0;
    for (double m : margins) {
      Require.that(m >= 0, "margin is negative or NaN: " + m);
      count += m > bound ? 1 : 0;
    }
    return count;
  }

  private static void check(double[] logits, double[] gumbel, double temperature) {
    Require.finite(logits, "logits", 1);
    Require.finite(gumbel, "gumbel", 1);
    Require.that(logits.length == gumbel.length, "logits and gumbel differ in length");
    Require.that(
        temperature >= 0 && Double.isFinite(temperature), "temperature must be finite, >= 0");
  }
}
