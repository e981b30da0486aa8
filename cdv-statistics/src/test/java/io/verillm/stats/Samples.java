package io.verillm.stats;

import io.verillm.stats.random.SplitMix64;

/** The fixed samples of the published vectors, and random ones. */
public final class Samples {
  public static final double[] X = {0.12, 0.35, 0.41, 0.58, 0.77, 0.93, 1.10, 1.42};
  public static final double[] Y = {0.05, 0.22, 0.66, 0.81, 1.25, 1.37, 1.68, 1.90, 2.11, 2.40};
  public static final double[] U = {.03, .11, .19, .27, .38, .46, .59, .71, .84, .97};
  public static final double[] V = {.01, .02, .05, .06, .09, .15, .21, .34, .40, .55};

  private Samples() {}

  public static double[] uniform(SplitMix64 random, int n) {
    double[] sample = new double[n];
    java.util.Arrays.setAll(sample, i -> random.nextDouble());
    return sample;
  }

  public static double[] gaussian(SplitMix64 random, int n) {
    double[] sample = new double[n];
    java.util.Arrays.setAll(sample, i -> random.nextGaussian());
    return sample;
  }

  /** Largest count of hits out of n that three standard errors above level alpha allow. */
  public static double sizeBound(double alpha, int n) {
    return alpha + 3 * Math.sqrt(alpha * (1 - alpha) / n);
  }
}
