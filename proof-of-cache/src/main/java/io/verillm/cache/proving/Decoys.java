package io.verillm.cache.proving;

import io.verillm.core.tensor.Float8E4M3;
import io.verillm.stats.random.SplitMix64;

/**
 * Decoys that look like the rows beside them. Rows of the same tokens under 4-bit weights are
 * harder still; whoever can run the model makes those. Thread-safe.
 */
public final class Decoys {
  private Decoys() {}

  /** The cell with noise of a relative size in each row, drawn in all directions alike. */
  public static UnnamedCell perturbed(UnnamedCell cell, double relative, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    return new UnnamedCell(
        perturbed(cell.key(), relative, random), perturbed(cell.value(), relative, random));
  }

  private static float[] perturbed(float[] row, double relative, SplitMix64 random) {
    double[] noise = new double[row.length];
    double noiseNorm = 0;
    double norm = 0;
    for (int i = 0; i < row.length; i++) {
      noise[i] = random.nextGaussian();
      noiseNorm += noise[i] * noise[i];
      norm += (double) row[i] * row[i];
    }
    double scale = noiseNorm == 0 ? 0 : relative * Math.sqrt(norm / noiseNorm);
    for (int i = 0; i < row.length; i++) {
      row[i] += (float) (scale * noise[i]);
    }
    return row;
  }

  /**
   * The cell as an fp8 (e4m3) cache would have kept it, scaled so that its largest value is 448.
   */
  public static UnnamedCell rounded(UnnamedCell cell) {
    return new UnnamedCell(rounded(cell.key()), rounded(cell.value()));
  }

  private static float[] rounded(float[] row) {
    float largest = 0;
    for (float x : row) {
      largest = Math.max(largest, Math.abs(x));
    }
    float scale = largest / 448;
    for (int i = 0; i < row.length && scale > 0; i++) {
      row[i] = Float8E4M3.toFloat(Float8E4M3.fromFloat(row[i] / scale)) * scale;
    }
    return row;
  }

  /** Keys of one cell with the values of its neighbour: each row is real, the pair is not. */
  public static UnnamedCell mixed(UnnamedCell keys, UnnamedCell values) {
    return new UnnamedCell(keys.key(), values.value());
  }
}
