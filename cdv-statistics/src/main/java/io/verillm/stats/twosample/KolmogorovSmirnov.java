package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.Alternative;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.PooledOrder;
import io.verillm.stats.internal.Require;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;

/**
 * Kolmogorov–Smirnov tests.
 *
 * <p>Two samples: D = sup |F_n − G_m| (or its signed form). The p-value is P(D &ge; d), never the
 * strict P(D &gt; d) that some libraries return by default, counted over all lattice paths and
 * conditional on the ties (a path is compared only where a group of equal values ends). Above
 * {@value #EXACT_CELLS} path cells the limit law is used. Time O(nm). Thread-safe.
 *
 * <p>Small D does not prove equal distributions: the test is weak in the tails.
 */
@CheckReturnValue
public final class KolmogorovSmirnov {
  /** Largest (n + m)·min(n, m) that is counted exactly. */
  public static final long EXACT_CELLS = 20_000_000;

  private KolmogorovSmirnov() {}

  /** Returns the two-sided test of two samples. */
  public static TestResult twoSample(double[] x, double[] y) {
    return twoSample(x, y, Alternative.TWO_SIDED);
  }

  /**
   * Returns the test of two samples.
   *
   * @param x finite values, at least one
   * @param y finite values, at least one
   * @param alternative GREATER measures sup(F_x − F_y), that is x tends to be smaller; LESS the
   *     opposite
   */
  public static TestResult twoSample(double[] x, double[] y, Alternative alternative) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    PooledOrder pooled = PooledOrder.of(x, y);
    long n = x.length;
    long m = y.length;
    long distance = distance(pooled, n, m, alternative);
    double d = distance / (double) (n * m);
    double p;
    PValueMethod method;
    if ((n + m) * Math.min(n, m) <= EXACT_CELLS) {
      p = exactTail(pooled, (int) n, (int) m, distance, alternative);
      method = PValueMethod.EXACT;
    } else {
      double z = d * Math.sqrt((double) n / (n + m) * m);
      p = alternative == Alternative.TWO_SIDED ? kolmogorovTail(z) : Math.exp(-2 * z * z);
      method = PValueMethod.ASYMPTOTIC;
    }
    return new TestResult("ks-two-sample", d, Math.min(1, p), method);
  }

  /** Returns max over tie-group ends of ±(i·m − j·n): the distance times n·m, an integer. */
  private static long distance(PooledOrder pooled, long n, long m, Alternative alternative) {
    long i = 0;
    long j = 0;
    long best = 0;
    for (int g = 0; g < pooled.groups(); g++) {
      i += pooled.inX(g);
      j += pooled.inY(g);
      best = Math.max(best, signed(i * m - j * n, alternative));
    }
    return best;
  }

  private static long signed(long difference, Alternative alternative) {
    return switch (alternative) {
      case TWO_SIDED -> Math.abs(difference);
      case GREATER -> difference;
      case LESS -> -difference;
    };
  }

  /**
   * Sums the probability of paths as they first reach the distance: only positive terms, so that
   * tiny p-values keep their precision.
   */
  private static double exactTail(
      PooledOrder pooled, int n, int m, long distance, Alternative alternative) {
    if (distance <= 0) {
      return 1;
    }
    double[] mass = new double[n + 2]; // mass[i + 1]: path has i of x among the first t
    mass[1] = 1;
    double reached = 0;
    int t = 0;
    for (int g = 0; g < pooled.groups(); g++) {
      for (int c = 0; c < pooled.count(g); c++) {
        double rest = (double) n + m - t;
        t++;
        for (int i = Math.min(n, t); i >= Math.max(0, t - m); i--) {
          int j = t - i;
          double viaX = i > 0 ? mass[i] * (n - i + 1) / rest : 0;
          double viaY = j > 0 ? mass[i + 1] * (m - j + 1) / rest : 0;
          mass[i + 1] = viaX + viaY;
        }
        if (t - m > 0) {
          mass[t - m] = 0;
        }
      }
      for (int i = Math.max(0, t - m); i <= Math.min(n, t); i++) {
        if (signed((long) i * m - (long) (t - i) * n, alternative) >= distance) {
          reached += mass[i + 1];
          mass[i + 1] = 0;
        }
      }
    }
    return reached;
  }

  /** Returns P(K &ge; z) of Kolmogorov's limit law. */
  static double kolmogorovTail(double z) {
    if (z <= 0) {
      return 1;
    }
    if (z < 1.18) { // theta-function form converges where the alternating series does not
      double sum = 0;
      for (int k = 1; k <= 20; k++) {
        double a = (2 * k - 1) * Math.PI / z;
        sum += Math.exp(-a * a / 8);
      }
      return 1 - Math.sqrt(2 * Math.PI) / z * sum;
    }
    double sum = 0;
    for (int k = 1; k <= 20; k++) {
      sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * z * z);
    }
    return sum;
  }

  /**
   * Returns the two-sided test of one sample against a continuous law.
   *
   * @param x finite values, at least one
   * @param cdf distribution function of the null law
   */
  public static TestResult oneSample(double[] x, DoubleUnaryOperator cdf) {
    Require.finite(x, "x", 1);
    if (x.length == 1) { // the library starts at two; P(max(U, 1-U) >= d) is elementary
      double u = cdf.applyAsDouble(x[0]);
      double d = Math.max(u, 1 - u);
      return new TestResult("ks-one-sample", d, Math.min(1, 2 * (1 - d)), PValueMethod.EXACT);
    }
    var result = KolmogorovSmirnovTest.withDefaults().test(x, cdf);
    return new TestResult(
        "ks-one-sample", result.getStatistic(), result.getPValue(), PValueMethod.EXACT);
  }
}
