package io.verillm.stats.gaia;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * Centroid statistics of two sets of vectors for one question: the published ratio and its
 * calibrated form.
 *
 * <p>The published rule compares D = ‖c₁ − c₂‖, summed over d dimensions, with the scatter ρ,
 * averaged over d: for identical models D/ρ is about √(2d/(n−1)), 19.6 at d = 768 and n = 5, not 1.
 * κ = D/√(S₁/n₁ + S₂/n₂) with unbiased total variances S is about 1 then. Neither is a p-value.
 *
 * @param distance D
 * @param firstMeanStd mean over dimensions of the population standard deviation of side one
 * @param secondMeanStd the same of side two
 * @param firstScatter ρ, root mean square over dimensions, of side one
 * @param secondScatter the same of side two
 * @param kappa calibrated ratio; 0 if D is 0, infinite if only the scatter is 0
 * @param pseudoF between mean square over within mean square; 0 if D is 0
 */
@CheckReturnValue
public record CentroidComparison(
    double distance,
    double firstMeanStd,
    double secondMeanStd,
    double firstScatter,
    double secondScatter,
    double kappa,
    double pseudoF) {
  /** Returns the comparison of at least two vectors each, of equal dimension. */
  public static CentroidComparison of(double[][] first, double[][] second) {
    double[] a = centroid(first, "first");
    double[] b = centroid(second, "second");
    Require.that(a.length == b.length, "first and second differ in dimension");
    double[] va = variances(first, a);
    double[] vb = variances(second, b);
    double n = first.length;
    double m = second.length;
    double d2 = 0;
    for (int k = 0; k < a.length; k++) {
      d2 += (a[k] - b[k]) * (a[k] - b[k]);
    }
    double sa = sum(va) * n / (n - 1);
    double sb = sum(vb) * m / (m - 1);
    double null2 = sa / n + sb / m;
    double within = (sum(va) * n + sum(vb) * m) / (n + m - 2);
    return new CentroidComparison(
        Math.sqrt(d2),
        meanRoot(va),
        meanRoot(vb),
        Math.sqrt(sum(va) / va.length),
        Math.sqrt(sum(vb) / vb.length),
        d2 == 0 ? 0 : Math.sqrt(d2 / null2),
        d2 == 0 ? 0 : d2 * n * m / (n + m) / within);
  }

  /** Returns the published decision: D above the average of the two mean deviations. */
  public boolean publishedSeparated() {
    return distance > (firstMeanStd + secondMeanStd) / 2;
  }

  private static double[] centroid(double[][] points, String name) {
    Require.atLeast(points.length, 2, name + ".length");
    double[] centre = new double[points[0].length];
    for (int i = 0; i < points.length; i++) {
      Require.finite(points[i], name + "[" + i + "]", 1);
      Require.that(points[i].length == centre.length, name + "[" + i + "] has another dimension");
      for (int k = 0; k < centre.length; k++) {
        centre[k] += points[i][k] / points.length;
      }
    }
    return centre;
  }

  private static double[] variances(double[][] points, double[] centre) {
    double[] variance = new double[centre.length];
    for (double[] p : points) {
      for (int k = 0; k < centre.length; k++) {
        variance[k] += (p[k] - centre[k]) * (p[k] - centre[k]) / points.length;
      }
    }
    return variance;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum;
  }

  private static double meanRoot(double[] variance) {
    double sum = 0;
    for (double v : variance) {
      sum += Math.sqrt(v);
    }
    return sum / variance.length;
  }
}
