package io.verillm.core.tensor;

/**
 * Conversions between IEEE 754 binary16 and float. Exact where the target can hold the value, else
 * rounded to nearest, ties to even; subnormals are kept. Thread-safe.
 */
public final class Float16 {
  /** Adding it to a magnitude below 2^-14 leaves that magnitude's multiple of 2^-24 in the sum. */
  private static final float SUBNORMAL_ROUNDER = 0.5f;

  /** 2^112, the ratio of binary32's exponent bias to that of binary16. */
  private static final float REBIAS = 0x1p112f;

  private Float16() {}

  /** Widens a binary16 given by its 16 bits; exact, subnormals included. */
  public static float toFloat(short bits) {
    int magnitude = bits & 0x7FFF;
    int sign = (bits & 0x8000) << 16;
    int widened =
        magnitude >= 0x7C00
            ? (magnitude << 13) | 0x7F800000
            : Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 13) * REBIAS);
    return Float.intBitsToFloat(widened | sign);
  }

  /**
   * Rounds to binary16, nearest, ties to even; magnitudes from 65520 on become infinite.
   *
   * @return the 16 bits; NaN stays NaN, made quiet, with its sign and upper payload bits
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00 | ((magnitude >>> 13) & 0x1FF));
    }
    if (magnitude >= 0x477FF000) { // 65520, half a step above the largest finite value
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal or zero
      float sum = Float.intBitsToFloat(magnitude) + SUBNORMAL_ROUNDER;
      return (short)
          (sign | (Float.floatToRawIntBits(sum) - Float.floatToRawIntBits(SUBNORMAL_ROUNDER)));
    }
    int rounded = magnitude + 0xFFF + ((magnitude >>> 13) & 1);
    return (short) (sign | ((rounded - (112 << 23)) >>> 13));
  }
}
