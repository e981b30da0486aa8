package io.verillm.stats.robust;

import com.tdunning.math.stats.MergingDigest;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * Quantiles of a stream in bounded memory, mergeable: a merging t-digest (Dunning and Ertl, 2019).
 *
 * <p>The library's merging form draws no random numbers that reach a result, so equal inputs in
 * equal order give equal bits. Up to about as many values as the compression quantiles are exact up
 * to interpolation. Beyond that the error in rank is small by measurement, not by proof: below
 * 0.005 at compression 200 for 10^7 values (see RESULTS.md), merged or not. Non-finite values are
 * counted apart, never dropped in silence. Mutable; one object belongs to one thread.
 *
 * <p>Equal quantiles do not show that two streams were paired value by value.
 */
public final class QuantileSketch {
  private final int compression;
  private final MergingDigest digest;
  private long nonFinite;

  /**
   * Starts empty.
   *
   * @param compression memory and precision, in [20, 1000]; 100 keeps about 150 centroids
   */
  public QuantileSketch(int compression) {
    this.compression = requireCompression(compression);
    this.digest = new MergingDigest(compression);
  }

  /** Returns {@code compression} if it lies in [20, 1000]. */
  public static int requireCompression(int compression) {
    Require.that(
        compression >= 20 && compression <= 1000,
        "compression must lie in [20, 1000]: " + compression);
    return compression;
  }

  /** Returns the sketch of {@code values}. */
  public static QuantileSketch of(int compression, double... values) {
    QuantileSketch sketch = new QuantileSketch(compression);
    for (double v : values) {
      sketch.add(v);
    }
    return sketch;
  }

  /** Takes one value into account. */
  public void add(double x) {
    if (Double.isFinite(x)) {
      digest.add(x);
    } else {
      nonFinite++;
    }
  }

  /** Takes everything that {@code other} saw into account; compressions must be equal. */
  public void merge(QuantileSketch other) {
    Require.that(
        other.compression == compression,
        "compressions differ: " + compression + " and " + other.compression);
    nonFinite += other.nonFinite;
    if (other.count() > 0) {
      digest.add(other.digest);
    }
  }

  /** Returns how many finite values were seen. */
  public long count() {
    return digest.size();
  }

  /** Returns how many NaN or infinite values were seen. */
  public long nonFinite() {
    return nonFinite;
  }

  /**
   * Returns the quantile at {@code p}; needs one value.
   *
   * @param p in [0, 1]
   */
  public double quantile(double p) {
    Require.unit(p, "p");
    need();
    return digest.quantile(p);
  }

  /** Returns the share of values at or below {@code x}, in [0, 1]; needs one value. */
  public double cdf(double x) {
    Require.that(!Double.isNaN(x), "x is NaN");
    need();
    return digest.cdf(x);
  }

  /**
   * Returns the quantiles at (k + ½)/width, k = 0 … width − 1; needs one value.
   *
   * <p>The mean absolute difference of two such profiles approximates the 1-Wasserstein distance.
   *
   * @param width number of quantiles, at least 1
   */
  public double[] profile(int width) {
    Require.atLeast(width, 1, "width");
    need();
    double[] quantiles = new double[width];
    Arrays.setAll(quantiles, k -> digest.quantile((k + 0.5) / width));
    return quantiles;
  }

  private void need() {
    Require.that(count() >= 1, "needs at least 1 finite value, has none");
  }
}
