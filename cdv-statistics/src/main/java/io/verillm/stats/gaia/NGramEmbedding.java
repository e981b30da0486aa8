package io.verillm.stats.gaia;

import io.verillm.stats.internal.Require;
import io.verillm.stats.language.CanonicalText;
import java.util.Locale;

/**
 * The built-in embedding: counts of runs of n code points, each run hashed (FNV-1a, 64 bit) to a
 * component and a sign, square roots of counts, L2-normalised. Needs no model and no download; it
 * sees wording, not meaning. Thread-safe.
 */
public final class NGramEmbedding implements EmbeddingModel {
  private final int n;
  private final int dimensions;

  /** Uses runs of {@code n} code points and {@code dimensions} components. */
  public NGramEmbedding(int n, int dimensions) {
    this.n = Require.atLeast(n, 1, "n");
    this.dimensions = Require.atLeast(dimensions, 2, "dimensions");
  }

  @Override
  public String digest() {
    return "ngram-fnv1a-v1:" + n + ":" + dimensions;
  }

  @Override
  public int dimensions() {
    return dimensions;
  }

  @Override
  public double[] embed(String text) {
    int[] codes = CanonicalText.of(text).toLowerCase(Locale.ROOT).codePoints().toArray();
    double[] counts = new double[dimensions];
    for (int from = 0; from + n <= codes.length; from++) {
      long hash = 0xCBF29CE484222325L;
      for (int i = 0; i < n; i++) {
        for (int shift = 0; shift < 32; shift += 8) {
          hash = (hash ^ (codes[from + i] >>> shift & 0xFF)) * 0x100000001B3L;
        }
      }
      hash ^= hash >>> 32; // low bits of FNV mix poorly upwards
      int at = (int) Long.remainderUnsigned(hash >>> 1, dimensions);
      counts[at] += (hash & 1) == 0 ? 1 : -1;
    }
    double norm = 0;
    for (int k = 0; k < dimensions; k++) {
      counts[k] = Math.signum(counts[k]) * Math.sqrt(Math.abs(counts[k]));
      norm += counts[k] * counts[k];
    }
    if (norm > 0) {
      for (int k = 0; k < dimensions; k++) {
        counts[k] /= Math.sqrt(norm);
      }
    }
    return counts;
  }
}
