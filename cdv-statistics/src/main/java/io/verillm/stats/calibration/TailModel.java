package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * The law of honest scores beyond the 90 % quantile: a generalised Pareto law of the excess, with
 * shape and mean at two standard errors above their estimates, and never lighter than exponential.
 *
 * <p>Estimates by probability-weighted moments, plotting position (i − 0.35)/k (Hosking and Wallis
 * 1987, Technometrics 29). A p-value below 1/(N + 1) rests on this law and on nothing else, which
 * is why a finding names it. Immutable; thread-safe; exact (StrictMath).
 *
 * @param from the quantile at which the law begins, in the score's millionths
 * @param share estimated share of honest scores above it
 * @param shape shape ξ in use, at least 0
 * @param scale scale σ in use, in millionths, above 0
 * @param fittedShape estimate of ξ, before anything was added
 * @param fittedMean mean excess, the resolution included, in millionths
 * @param distance largest distance between the data's distribution and the fitted one, for the eye
 * @param excesses scores above the quantile
 */
@CheckReturnValue
public record TailModel(
    double from,
    double share,
    double shape,
    double scale,
    double fittedShape,
    double fittedMean,
    double distance,
    int excesses) {
  /** The law's name in findings. */
  public static final String NAME = "gpd-excess-v1";

  /** A shape of this size has no variance: nothing can be said about its far tail. */
  public static final double HEAVIEST = 0.5;

  private static final double TAIL = 0.1;
  private static final int FEWEST = 30;
  private static final double STANDARD_ERRORS = 2;

  /**
   * Fits the upper tail.
   *
   * @param name of the statistic, for the exception
   * @param sorted ascending scores in millionths, at least 100
   * @param resolution mean of an exponential law that every excess is given on top, rank by rank,
   *     in millionths: scores that tie at the top do not show that larger ones never occur, and
   *     distances far below it say nothing about the shape
   * @throws IllegalArgumentException if the tail is too heavy to say anything beyond the data
   */
  static TailModel fit(String name, long[] sorted, double resolution) {
    int n = Require.atLeast(sorted.length, 100, "sorted.length");
    Require.positive(resolution, "resolution");
    int k = (int) Math.ceil(n * TAIL);
    double from = sorted[n - k - 1];
    // Scores that tie with the quantile, as many zeros do, are no excess.
    int above = 0;
    while (sorted[n - 1 - above] > from) {
      above++;
    }
    k = above >= FEWEST ? above : k;
    double[] excess = new double[k];
    double mean = 0;
    double weighted = 0;
    for (int i = 0; i < k; i++) {
      double beyond = 1 - (i + 1 - 0.35) / k;
      excess[i] = sorted[n - k + i] - from - resolution * StrictMath.log(beyond);
      mean += excess[i] / k;
      weighted += beyond * excess[i] / k;
    }
    double spread = mean - 2 * weighted;
    double fitted = 2 - mean / spread;
    double shape = Math.max(0, fitted + STANDARD_ERRORS * StrictMath.sqrt(4.0 / 3 / k));
    Require.that(
        shape < HEAVIEST,
        name + ": tail too heavy to be continued, shape " + shape + " from " + k + " excesses");
    double upperMean = mean * (1 + STANDARD_ERRORS / StrictMath.sqrt(k));
    double fittedScale = mean * (1 - fitted);
    double distance = 0;
    for (int i = 0; i < k; i++) {
      double cdf = 1 - survival(excess[i], fitted, fittedScale);
      distance =
          Math.max(
              distance, Math.max(Math.abs(cdf - i / (double) k), Math.abs(cdf - (i + 1.0) / k)));
    }
    return new TailModel(
        from, (k + 1.0) / (n + 1.0), shape, upperMean * (1 - shape), fitted, mean, distance, k);
  }

  private static double survival(double excess, double shape, double scale) {
    if (excess <= 0) {
      return 1;
    }
    if (Math.abs(shape) < 1e-9) {
      return StrictMath.exp(-excess / scale);
    }
    double base = 1 + shape * excess / scale;
    return base <= 0 ? 0 : StrictMath.exp(-StrictMath.log(base) / shape);
  }

  /** Returns an upper bound of the share of honest scores at or above {@code score}. */
  double above(double score) {
    return share * survival(score - from, shape, scale);
  }
}
