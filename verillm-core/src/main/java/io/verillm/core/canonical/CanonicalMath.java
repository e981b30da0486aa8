package io.verillm.core.canonical;

/**
 * Element functions and reductions of canonical arithmetic, all exact: built from additions,
 * multiplications, divisions and square roots that are rounded once each, in a stated order.
 *
 * <p>{@code docs/canonical-arithmetic.md} restates every routine for other languages. Inputs are
 * finite; what a non-finite input gives is stated where it matters. Stateless.
 */
public final class CanonicalMath {
  /** Below this {@link #exp} is +0.0f; e to it is just above the smallest normal number. */
  static final float EXP_MIN = -87.33f;

  /** Above this {@link #exp} is infinite. */
  static final float EXP_MAX = 88.72f;

  /** log2(e), rounded. */
  private static final float LOG2E = 0x1.715476p0f;

  /** 1.5·2^23: adding it rounds to an integer, which then stands in the low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  /** The upper nine bits of ln 2: products with integers up to 2^15 are exact. */
  private static final float LN2_HIGH = 0x1.63p-1f;

  /** ln 2 less {@link #LN2_HIGH}, rounded. */
  private static final float LN2_LOW = -0x1.bd0106p-13f;

  private static final float C7 = 1.0f / 5040;
  private static final float C6 = 1.0f / 720;
  private static final float C5 = 1.0f / 120;
  private static final float C4 = 1.0f / 24;
  private static final float C3 = 1.0f / 6;
  private static final float C2 = 0.5f;

  private CanonicalMath() {}

  /**
   * e to the power x, within 2 units in the last place of the true value.
   *
   * <p>Definition, each operation rounded to binary32: t = x·log2e + 1.5·2^23; n = t − 1.5·2^23; r
   * = (x − n·h) − n·l with h + l ≈ ln 2; p = Horner's rule in r with the rounded coefficients 1/7!,
   * 1/6!, … 1/2!, 1, 1 (multiply, then add); the result is p·2^n, which is exact. +0.0f below
   * −87.33, infinite above 88.72, NaN for NaN.
   */
  public static float exp(float x) {
    float t = x * LOG2E + ROUNDER;
    float n = t - ROUNDER;
    float r = (x - n * LN2_HIGH) - n * LN2_LOW;
    float p = C7;
    p = p * r + C6;
    p = p * r + C5;
    p = p * r + C4;
    p = p * r + C3;
    p = p * r + C2;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return scale(x, t, p);
  }

  private static float scale(float x, float t, float p) {
    if (x >= EXP_MIN && x <= EXP_MAX) {
      // the integer n stands in the low bits of t; shifted up it is added to p's exponent
      return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(t) << 23));
    }
    return x < EXP_MIN ? +0.0f : x > EXP_MAX ? Float.POSITIVE_INFINITY : Float.NaN;
  }

  /**
   * {@link #exp} of the elements {@code from} to {@code to}; three short loops that vectorise and
   * one that cannot.
   *
   * @param out receives the results; another array than {@code x}
   * @param scratch at least as long as {@code to}; another array again
   */
  static void exp(float[] x, float[] out, float[] scratch, int from, int to) {
    for (int i = from; i < to; i++) {
      float v = x[i];
      float n = (v * LOG2E + ROUNDER) - ROUNDER;
      scratch[i] = (v - n * LN2_HIGH) - n * LN2_LOW;
    }
    for (int i = from; i < to; i++) {
      float r = scratch[i];
      float p = C7;
      p = p * r + C6;
      p = p * r + C5;
      p = p * r + C4;
      p = p * r + C3;
      out[i] = p;
    }
    for (int i = from; i < to; i++) {
      float r = scratch[i];
      float p = out[i];
      p = p * r + C2;
      p = p * r + 1.0f;
      p = p * r + 1.0f;
      out[i] = p;
    }
    for (int i = from; i < to; i++) {
      float v = x[i];
      out[i] = scale(v, v * LOG2E + ROUNDER, out[i]);
    }
  }

  /** The natural logarithm: {@link StrictMath#log} of the widened argument, rounded once. */
  public static float log(float x) {
    return (float) StrictMath.log(x);
  }

  /** The sine: {@link StrictMath#sin} of the widened argument, rounded once. */
  public static float sin(float x) {
    return (float) StrictMath.sin(x);
  }

  /** The cosine: {@link StrictMath#cos} of the widened argument, rounded once. */
  public static float cos(float x) {
    return (float) StrictMath.cos(x);
  }

  /**
   * The reciprocal square root: binary64 square root, binary64 reciprocal, rounded to binary32. The
   * three roundings are each the correct one.
   */
  public static float rsqrt(float x) {
    return (float) (1.0 / StrictMath.sqrt(x));
  }

  /** x / (1 + e^−x), three roundings after {@link #exp}'s; −0.0f once e^−x is infinite. */
  public static float silu(float x) {
    return x / (1.0f + exp(-x));
  }

  /**
   * Softmax of the first {@code n} elements, in place: subtract the largest, {@link #exp}, add
   * ascending from +0.0f with one accumulator, divide each by the sum.
   *
   * @throws IllegalArgumentException if {@code n} is not in 1..length
   */
  public static void softmax(float[] x, int n) {
    if (n < 1 || n > x.length) {
      throw new IllegalArgumentException("softmax of " + n + " of " + x.length + " elements");
    }
    float max = x[0];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, x[i]);
    }
    float sum = +0.0f;
    for (int i = 0; i < n; i++) {
      float e = exp(x[i] - max);
      x[i] = e;
      sum = sum + e;
    }
    for (int i = 0; i < n; i++) {
      x[i] = x[i] / sum;
    }
  }

  /**
   * RMS norm of {@code n} elements at {@code at}: squares added ascending from +0.0f, divided by n,
   * plus epsilon, {@link #rsqrt}; then each element times that factor, times its weight.
   *
   * @param weight n elements
   * @param y receives the result at the same place; may be {@code x}
   */
  public static void rmsNorm(float[] x, float[] y, int at, int n, float[] weight, float epsilon) {
    float sum = +0.0f;
    for (int i = at; i < at + n; i++) {
      sum = sum + x[i] * x[i];
    }
    float factor = rsqrt(sum / n + epsilon);
    for (int i = 0; i < n; i++) {
      y[at + i] = (x[at + i] * factor) * weight[i];
    }
  }
}
