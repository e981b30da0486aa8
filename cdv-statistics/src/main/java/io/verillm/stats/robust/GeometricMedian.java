package io.verillm.stats.robust;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * The point with the least sum of Euclidean distances to given points (Weiszfeld's iteration with
 * the step of Vardi and Zhang at data points). Fewer than half of the points cannot move it
 * arbitrarily far; more than half can. Thread-safe.
 */
@CheckReturnValue
public final class GeometricMedian {
  private GeometricMedian() {}

  /** Returns the geometric median of {@code points}: at least one, equal dimensions, finite. */
  public static double[] of(double[][] points) {
    Require.atLeast(points.length, 1, "points");
    int d = points[0].length;
    double[] at = new double[d];
    for (int i = 0; i < points.length; i++) {
      Require.finite(points[i], "points[" + i + "]", 1);
      Require.that(points[i].length == d, "points[" + i + "] has another dimension");
      for (int k = 0; k < d; k++) {
        at[k] += points[i][k] / points.length;
      }
    }
    for (int round = 0; round < 1000; round++) {
      double[] next = step(points, at);
      double moved = 0;
      double size = 0;
      for (int k = 0; k < d; k++) {
        moved += (next[k] - at[k]) * (next[k] - at[k]);
        size += next[k] * next[k];
      }
      at = next;
      if (moved <= 1e-24 * (1e-300 + size)) {
        break;
      }
    }
    return at;
  }

  private static double[] step(double[][] points, double[] at) {
    int d = at.length;
    double[] pull = new double[d];
    double weights = 0;
    int here = 0;
    for (double[] p : points) {
      double distance = 0;
      for (int k = 0; k < d; k++) {
        distance += (p[k] - at[k]) * (p[k] - at[k]);
      }
      distance = Math.sqrt(distance);
      if (distance < 1e-15) {
        here++;
        continue;
      }
      weights += 1 / distance;
      for (int k = 0; k < d; k++) {
        pull[k] += (p[k] - at[k]) / distance;
      }
    }
    double force = 0;
    for (double v : pull) {
      force += v * v;
    }
    force = Math.sqrt(force);
    double[] next = at.clone();
    if (force <= here || weights == 0) {
      return next; // the data point under `at` holds it
    }
    double share = (1 - here / force) / weights;
    for (int k = 0; k < d; k++) {
      next[k] += share * pull[k];
    }
    return next;
  }
}
