package io.verillm.core.tensor;

/**
 * Conversions between bfloat16 (the upper half of a binary32) and float. Exact where the target can
 * hold the value, else rounded to nearest, ties to even. Thread-safe.
 */
public final class BFloat16 {
  private BFloat16() {}

  /** Widens a bfloat16 given by its 16 bits; exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * Rounds to bfloat16, nearest, ties to even; magnitudes that round above the largest finite value
   * become infinite.
   *
   * @return the 16 bits; NaN stays NaN, made quiet, with its sign and upper payload bits
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Rounds to bfloat16 and back: what a bfloat16 engine keeps of a binary32 result. */
  public static float round(float value) {
    return toFloat(fromFloat(value));
  }
}
