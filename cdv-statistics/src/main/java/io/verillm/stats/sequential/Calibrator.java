package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.function.DoubleUnaryOperator;

/**
 * Turns a p-value into an e-value: a decreasing function with integral 1 over (0, 1).
 *
 * <p>The bound −1/(e p ln p) that is often quoted is an upper envelope over calibrators, not itself
 * one (Vovk and Wang 2021), and is not offered. Thread-safe.
 */
@CheckReturnValue
public final class Calibrator {
  private final DoubleUnaryOperator function;

  private Calibrator(DoubleUnaryOperator function) {
    this.function = function;
  }

  /** Returns p ↦ κ p^(κ−1), κ in (0, 1). */
  public static Calibrator power(double kappa) {
    Require.open01(kappa, "kappa");
    return new Calibrator(p -> kappa * Math.pow(p, kappa - 1));
  }

  /** Returns p ↦ 1/√p − 1. */
  public static Calibrator inverseRoot() {
    return new Calibrator(p -> 1 / Math.sqrt(p) - 1);
  }

  /** Returns the mixture of all powers, p ↦ (1 − p + p ln p)/(p ln² p). */
  public static Calibrator mixture() {
    return new Calibrator(Calibrator::mixtureAt);
  }

  private static double mixtureAt(double p) {
    double gap = 1 - p;
    if (gap < 1e-4) { // limit 1/2, first-order expansion avoids 0/0
      return 0.5 + gap / 6;
    }
    double log = Math.log(p);
    return (gap + p * log) / (p * log * log);
  }

  /**
   * Returns the calibrator aimed at one decision: among {@code tests} averaged e-values, a single
   * p-value of at most 0.8·α/tests lifts the average to 1/α.
   *
   * <p>It is (K/α)·√(p1/p) below p1 = 0.2·α/K, K/α up to 0.8·α/K, and 0 above, K = {@code tests}: a
   * weighted Bonferroni rule that keeps growing for smaller p. A single zero would end a product,
   * so before a sequence of such values is multiplied each is mixed with 1 ({@link
   * EValues#hedged}).
   *
   * @param alpha level of the decision, in (0, 1)
   * @param tests how many e-values are averaged, at least 1
   */
  public static Calibrator aimedAt(double alpha, int tests) {
    Require.open01(alpha, "alpha");
    Require.atLeast(tests, 1, "tests");
    double top = tests / alpha;
    double steep = 0.2 / top;
    double flat = 0.8 / top;
    return new Calibrator(
        p -> p > flat * (1 + 1e-12) ? 0 : top * (p < steep ? Math.sqrt(steep / p) : 1));
  }

  /**
   * Returns the e-value.
   *
   * @param p in (0, 1]; 0 is refused because no finite sample gives it
   */
  public double applyTo(double p) {
    Require.that(p > 0 && p <= 1, "p must lie in (0, 1]: " + p);
    return function.applyAsDouble(p);
  }
}
