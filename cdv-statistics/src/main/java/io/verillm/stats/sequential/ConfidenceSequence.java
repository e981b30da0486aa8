package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.Interval;
import io.verillm.stats.internal.Require;

/**
 * Intervals for a mean that hold at all sample sizes at once: normal mixture, σ-sub-Gaussian values
 * (Robbins 1970; Howard et al. 2021).
 *
 * <p>Half width σ √[((nρ²+1)/(n²ρ²)) ln((nρ²+1)/α²)]. It needs a true σ; values in [lo, hi] have σ
 * = (hi − lo)/2. Immutable.
 *
 * @param sigma sub-Gaussian scale, positive
 * @param rhoSquared mixture variance, positive; tightest near n = 1/ρ² times a constant
 * @param alpha probability that some interval misses, in (0, 1)
 */
@CheckReturnValue
public record ConfidenceSequence(double sigma, double rhoSquared, double alpha) {
  /** Refuses parameters out of range. */
  public ConfidenceSequence {
    Require.positive(sigma, "sigma");
    Require.positive(rhoSquared, "rhoSquared");
    Require.open01(alpha, "alpha");
  }

  /** Returns the half width after n values, n at least 1. */
  public double halfWidth(long n) {
    Require.that(n >= 1, "n must be at least 1: " + n);
    double k = n * rhoSquared + 1;
    return sigma * Math.sqrt(k / ((double) n * n * rhoSquared) * Math.log(k / (alpha * alpha)));
  }

  /** Returns the interval around the mean of n values. */
  public Interval around(double mean, long n) {
    double half = halfWidth(n);
    return new Interval(mean - half, mean + half, 1 - alpha);
  }
}
