package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;

/**
 * Anderson–Darling test of one sample against U(0, 1): like Cramér–von Mises, weighted towards the
 * tails.
 *
 * <p>A² = −n − (1/n) Σ (2i−1)(ln u_(i) + ln(1 − u_(n+1−i))). A value of exactly 0 or 1 is
 * impossible under the null law and gives A² = ∞ with p at its floor. Thread-safe.
 */
@CheckReturnValue
public final class AndersonDarling {
  private AndersonDarling() {}

  /** Returns A² of values in [0, 1], at least one; infinite if one of them is 0 or 1. */
  public static double uniformStatistic(double[] u) {
    return ofSorted(UniformSample.sorted(u));
  }

  private static double ofSorted(double[] sorted) {
    int n = sorted.length;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += (2 * i + 1) * (Math.log(sorted[i]) + Math.log1p(-sorted[n - 1 - i]));
    }
    return -n - sum / n;
  }

  /** Returns the test with a simulated p-value, trustworthy in the tail. */
  public static TestResult uniform(double[] u, MonteCarloNull simulation) {
    return simulation.test("ad-one-sample", u, AndersonDarling::ofSorted);
  }

  /**
   * Returns the test with the approximation of Marsaglia and Marsaglia (J. Stat. Softw. 9(2),
   * 2004).
   *
   * <p>Good to about 5·10⁻⁶ absolute in the body; relative error grows to some percent for p below
   * 10⁻³, where {@link #uniform} is the better choice.
   */
  public static TestResult uniformAsymptotic(double[] u) {
    double a = uniformStatistic(u);
    double below = Double.isInfinite(a) ? 1 : limit(a);
    double cdf = below + correction(u.length, below);
    return new TestResult(
        "ad-one-sample", a, Math.min(1, Math.max(0, 1 - cdf)), PValueMethod.ASYMPTOTIC);
  }

  private static double limit(double z) {
    if (z <= 0) {
      return 0;
    }
    if (z < 2) {
      double poly = horner(z, 2.00012, 0.247105, -0.0649821, 0.0347962, -0.0116720, 0.00168691);
      return Math.exp(-1.2337141 / z) / Math.sqrt(z) * poly;
    }
    double poly = horner(z, 1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146);
    return Math.exp(-Math.exp(poly));
  }

  private static double correction(double n, double x) {
    if (x > 0.8) {
      return horner(x, -130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844) / n;
    }
    double c = 0.01265 + 0.1757 / n;
    if (x < c) {
      double t = x / c;
      double shape = Math.sqrt(t) * (1 - t) * (49 * t - 102);
      return shape * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
    }
    double t = (x - c) / (0.8 - c);
    double shape = horner(t, -0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864);
    return shape * (0.04213 + 0.01365 / n) / n;
  }

  private static double horner(double x, double... coefficients) {
    double sum = 0;
    for (int i = coefficients.length - 1; i >= 0; i--) {
      sum = sum * x + coefficients[i];
    }
    return sum;
  }
}
