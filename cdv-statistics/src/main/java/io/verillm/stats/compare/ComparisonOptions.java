package io.verillm.stats.compare;

import io.verillm.stats.internal.Require;

/**
 * How two files are compared.
 *
 * @param seed of relabelling and resampling; from a beacon if money depends on it
 * @param draws relabellings, at least 99
 * @param alpha level of the verdict, in (0, 1)
 * @param resamples bootstrap resamples for intervals, at least 99
 */
public record ComparisonOptions(long seed, int draws, double alpha, int resamples) {
  /** Refuses values out of range, and draws too few for the level. */
  public ComparisonOptions {
    Require.atLeast(draws, 99, "draws");
    Require.open01(alpha, "alpha");
    Require.atLeast(resamples, 99, "resamples");
    Require.that(1 / (draws + 1.0) <= alpha, "draws are too few: no p-value could reach " + alpha);
  }

  /** Returns 1999 relabellings, level 0.01 and 999 resamples. */
  public static ComparisonOptions withSeed(long seed) {
    return new ComparisonOptions(seed, 1999, 0.01, 999);
  }
}
