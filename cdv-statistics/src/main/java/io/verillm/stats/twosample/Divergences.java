package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * Divergences between two discrete laws, in nats unless said.
 *
 * <p>Plugged-in frequencies bias them upwards by about (k − 1)/(2n); they are descriptions, and a
 * verdict needs a permutation test of the same counts. Thread-safe.
 */
@CheckReturnValue
public final class Divergences {
  private Divergences() {}

  /** Returns KL(p‖q), infinite where p has mass and q none. */
  public static double kullbackLeibler(double[] p, double[] q) {
    check(p, q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        sum += p[i] * Math.log(p[i] / q[i]);
      }
    }
    return Math.max(0, sum);
  }

  /**
   * Returns the Jensen–Shannon divergence in nats, in [0, ln 2]; its root (in bits) is a metric.
   */
  public static double jensenShannon(double[] p, double[] q) {
    check(p, q);
    double[] middle = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      middle[i] = (p[i] + q[i]) / 2;
    }
    return (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2;
  }

  /** Returns the total variation ½ Σ |p − q|, in [0, 1]. */
  public static double totalVariation(double[] p, double[] q) {
    check(p, q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += Math.abs(p[i] - q[i]);
    }
    return sum / 2;
  }

  /** Returns the Hellinger distance √(½ Σ (√p − √q)²), in [0, 1]. */
  public static double hellinger(double[] p, double[] q) {
    check(p, q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double gap = Math.sqrt(p[i]) - Math.sqrt(q[i]);
      sum += gap * gap;
    }
    return Math.sqrt(sum / 2);
  }

  /** Returns Σ (p − q)² / q, infinite where p has mass and q none. */
  public static double chiSquare(double[] p, double[] q) {
    check(p, q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] != q[i]) {
        sum += (p[i] - q[i]) * (p[i] - q[i]) / q[i];
      }
    }
    return sum;
  }

  private static void check(double[] p, double[] q) {
    Require.that(p.length == q.length, "p and q differ in length");
    law(p, "p");
    law(q, "q");
  }

  private static void law(double[] p, String name) {
    Require.finite(p, name, 1);
    double sum = 0;
    for (double v : p) {
      Require.that(v >= 0, name + " has a negative entry");
      sum += v;
    }
    Require.that(Math.abs(sum - 1) < 1e-9, name + " must sum to 1: " + sum);
  }
}
