package io.verillm.core.canonical;

import java.util.Arrays;

/**
 * Cosines and sines of the rotary embedding, one row per position, made when first asked for.
 *
 * <p>Definition: angle = position·frequency, rounded to binary32 (as the models are trained);
 * cosine and sine by {@link CanonicalMath}; each times the attention factor, rounded. Exact;
 * thread-safe.
 */
public final class RotaryTable {
  private final float[] frequencies;
  private final float factor;
  private final Object growing = new Object();

  /** Published rows; an array is never written once it is here. */
  private volatile float[][] rows = new float[0][];

  private RotaryTable(float[] frequencies, float factor) {
    this.frequencies = frequencies;
    this.factor = factor;
  }

  /**
   * Makes a table.
   *
   * @param theta base, above 1
   * @param headDim elements of a head, even and positive
   * @throws IllegalArgumentException if a number is out of range
   */
  public static RotaryTable of(RopeScaling scaling, double theta, int headDim) {
    if (headDim < 2 || headDim % 2 != 0) {
      throw new IllegalArgumentException("head dimension " + headDim + " is not even");
    }
    if (!(theta > 1 && theta < 1e15)) {
      throw new IllegalArgumentException("rope theta " + theta + " is not in (1, 1e15)");
    }
    return new RotaryTable(scaling.frequencies(theta, headDim), scaling.attentionFactor());
  }

  /** Elements of a head that are turned. */
  public int headDim() {
    return 2 * frequencies.length;
  }

  /** A copy of the frequencies, radians per position. */
  public float[] frequencies() {
    return frequencies.clone();
  }

  /** Copies the headDim / 2 cosines of a position, then its sines: headDim elements. */
  public float[] row(int position) {
    return upTo(position + 1)[position].clone();
  }

  /** Rows 0 .. end − 1 at least; not to be written. */
  float[][] upTo(int end) {
    float[][] known = rows;
    if (known.length >= end) {
      return known;
    }
    synchronized (growing) {
      known = rows;
      if (known.length < end) {
        float[][] grown = Arrays.copyOf(known, Math.max(end, Math.max(64, known.length * 2)));
        for (int position = known.length; position < grown.length; position++) {
          grown[position] = compute(position);
        }
        rows = grown;
        known = grown;
      }
      return known;
    }
  }

  private float[] compute(int position) {
    int half = frequencies.length;
    float[] row = new float[2 * half];
    for (int i = 0; i < half; i++) {
      float angle = position * frequencies[i];
      row[i] = CanonicalMath.cos(angle) * factor;
      row[half + i] = CanonicalMath.sin(angle) * factor;
    }
    return row;
  }

  /**
   * Turns every head of one row in place, halves paired as Hugging Face does: with i below headDim
   * / 2, {@code x[i]·cos − x[i + half]·sin} and {@code x[i + half]·cos + x[i]·sin}; products are
   * rounded, then the sum.
   */
  void rotate(float[] x, int width, int position) {
    float[] row = upTo(position + 1)[position];
    int half = frequencies.length;
    for (int head = 0; head < width; head += 2 * half) {
      for (int i = 0; i < half; i++) {
        float a = x[head + i];
        float b = x[head + half + i];
        float cos = row[i];
        float sin = row[half + i];
        x[head + i] = a * cos - b * sin;
        x[head + half + i] = b * cos + a * sin;
      }
    }
  }
}
