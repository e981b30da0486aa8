package io.verillm.stats.internal;

import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;

/**
 * Special functions that the library lacks or offers without logarithm. Errors below 1e-12
 * relative.
 */
public final class Special {
  private Special() {}

  /** Returns P(Z &ge; z) for a standard normal Z. */
  public static double normalTail(double z) {
    return 0.5 * Erf.erfc(z / Math.sqrt(2));
  }

  /** Returns the z with P(Z &ge; z) = p, p in (0, 1). */
  public static double normalTailQuantile(double p) {
    return -Math.sqrt(2) * Erf.erfInv(2 * p - 1);
  }

  /** Returns P(chi-square with {@code df} degrees of freedom &ge; x). */
  public static double chiSquareTail(double x, double df) {
    return x <= 0 ? 1 : Gamma.regularizedGammaQ(df / 2, x / 2);
  }

  /**
   * Returns ln of the integral of p^(a−1) (1−p)^(b−1) over (p0, 1), divided by p0^a (1−p0)^b.
   *
   * <p>The quotient stays in range where both parts underflow, which is what a wealth after 10^6
   * quiet audits needs. Far from the tail it goes through the complete beta function.
   */
  public static double logUpperBetaIntegralRatio(double p0, double a, double b) {
    double q0 = 1 - p0;
    if (q0 <= (b + 1) / (a + b + 2)) {
      return Math.log(betaFraction(q0, b, a)) - Math.log(b);
    }
    double lower = Math.log(betaFraction(p0, a, b)) - Math.log(a);
    double complete = Beta.logBeta(a, b) - a * Math.log(p0) - b * Math.log1p(-p0);
    // complete - lower part, both relative to p0^a (1-p0)^b
    return complete + Math.log1p(-Math.exp(lower - complete));
  }

  /** Returns I_x(a, b), the regularised incomplete beta function. */
  public static double regularizedBeta(double x, double a, double b) {
    return Beta.regularizedBeta(x, a, b, 1e-15, 100_000);
  }

  /** Continued fraction of the incomplete beta function (DLMF 8.17.22), modified Lentz. */
  private static double betaFraction(double x, double a, double b) {
    double tiny = 1e-300;
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m <= 100_000; m++) {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 + even * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + even / c;
      c = Math.abs(c) < tiny ? tiny : c;
      h *= d * c;
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 + odd * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + odd / c;
      c = Math.abs(c) < tiny ? tiny : c;
      double delta = d * c;
      h *= delta;
      if (Math.abs(delta - 1) < 1e-15) {
        return h;
      }
    }
    throw new ArithmeticException("continued fraction of the incomplete beta did not converge");
  }

  /**
   * Returns e^x K_{1/4}(x), x &gt; 0, by the trapezoidal rule on the integral of exp(−x(cosh t −
   * 1)) cosh(t/4).
   */
  public static double scaledBesselKQuarter(double x) {
    double step = 1.0 / 64;
    double sum = 0.5;
    for (int i = 1; ; i++) {
      double t = i * step;
      double half = Math.sinh(t / 2);
      double term = Math.exp(-2 * x * half * half) * Math.cosh(t / 4);
      sum += term;
      if (term < 1e-18 * sum) {
        return sum * step;
      }
    }
  }
}
