package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.PooledOrder;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.Arrays;

/** Wasserstein-1 distance ∫ |F_n − G_m| of two univariate samples. Thread-safe. */
@CheckReturnValue
public final class Wasserstein {
  private Wasserstein() {}

  /** Returns the distance, in the unit of the values. */
  public static double distance(double[] x, double[] y) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    PooledOrder pooled = PooledOrder.of(x, y);
    double i = 0;
    double j = 0;
    double sum = 0;
    for (int g = 0; g + 1 < pooled.groups(); g++) {
      i += pooled.inX(g);
      j += pooled.inY(g);
      sum += Math.abs(i / x.length - j / y.length) * (pooled.value(g + 1) - pooled.value(g));
    }
    return sum;
  }

  /** Returns the permutation test of the distance. */
  public static TestResult test(double[] x, double[] y, PermutationTest permutations) {
    Require.finite(x, "x", 1);
    Require.finite(y, "y", 1);
    double[] pooled = Arrays.copyOf(x, x.length + y.length);
    System.arraycopy(y, 0, pooled, x.length, y.length);
    return permutations
        .run(
            StratifiedDesign.single(x.length, y.length),
            order -> {
              double[] a = new double[x.length];
              double[] b = new double[y.length];
              for (int k = 0; k < order.length; k++) {
                if (k < a.length) {
                  a[k] = pooled[order[k]];
                } else {
                  b[k - a.length] = pooled[order[k]];
                }
              }
              return distance(a, b);
            })
        .toTestResult("wasserstein-1");
  }
}
