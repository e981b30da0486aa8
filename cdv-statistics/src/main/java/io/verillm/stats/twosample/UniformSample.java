package io.verillm.stats.twosample;

import io.verillm.stats.internal.Require;
import java.util.Arrays;

/** Checked, sorted values in [0, 1]. */
final class UniformSample {
  private UniformSample() {}

  static double[] sorted(double[] u) {
    Require.finite(u, "u", 1);
    double[] sorted = u.clone();
    Arrays.sort(sorted);
    Require.unit(sorted[0], "smallest u");
    Require.unit(sorted[sorted.length - 1], "largest u");
    return sorted;
  }
}
