package io.verillm.core.tensor;

/**
 * Conversions between the 8-bit format with 5 exponent and 2 mantissa bits and float. Thread-safe.
 *
 * <p>Bias 15, largest finite value 57344, infinities and NaN as in IEEE 754: it is the upper half
 * of a binary16. Source: OCP 8-bit Floating Point Specification, revision 1.0, section 5.
 */
public final class Float8E5M2 {
  /** Adding it to a magnitude below 2^-14 leaves that magnitude's multiple of 2^-16 in the sum. */
  private static final float SUBNORMAL_ROUNDER = 0x1p7f;

  private Float8E5M2() {}

  /** Widens 8 bits; exact. */
  public static float toFloat(byte bits) {
    return Float16.toFloat((short) (bits << 8));
  }

  /**
   * Rounds to nearest, ties to even, without saturation: magnitudes from 61440 on become infinite.
   *
   * @return the 8 bits; NaN becomes the quiet NaN with its sign
   */
  public static byte fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 24) & 0x80;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      return (byte) (sign | 0x7E);
    }
    if (magnitude >= 0x47700000) { // 61440, half a step above the largest finite value
      return (byte) (sign | 0x7C);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal or zero
      float sum = Float.intBitsToFloat(magnitude) + SUBNORMAL_ROUNDER;
      return (byte)
          (sign | (Float.floatToRawIntBits(sum) - Float.floatToRawIntBits(SUBNORMAL_ROUNDER)));
    }
    int rounded = magnitude + 0xFFFFF + ((magnitude >>> 21) & 1);
    return (byte) (sign | ((rounded - (112 << 23)) >>> 21));
  }
}
