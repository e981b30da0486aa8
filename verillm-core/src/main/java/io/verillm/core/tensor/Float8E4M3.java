package io.verillm.core.tensor;

/**
 * Conversions between the 8-bit format with 4 exponent and 3 mantissa bits and float. Thread-safe.
 *
 * <p>This is the variant without infinities that safetensors names {@code F8_E4M3}: bias 7, largest
 * value 448, only S.1111.111 is NaN. Source: OCP 8-bit Floating Point Specification, revision 1.0,
 * section 5.
 */
public final class Float8E4M3 {
  /** Adding it to a magnitude below 2^-6 leaves that magnitude's multiple of 2^-9 in the sum. */
  private static final float SUBNORMAL_ROUNDER = 0x1p14f;

  private Float8E4M3() {}

  /** Widens 8 bits; exact. */
  public static float toFloat(byte bits) {
    int magnitude = bits & 0x7F;
    int sign = (bits & 0x80) << 24;
    int widened =
        magnitude == 0x7F
            ? 0x7FC00000
            : Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 20) * 0x1p120f);
    return Float.intBitsToFloat(widened | sign);
  }

  /**
   * Rounds to nearest, ties to even, without saturation: what rounds above 448, infinities and NaN
   * become NaN with the value's sign.
   */
  public static byte fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 24) & 0x80;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x43E80000) { // 464, halfway between 448 and the step that is NaN
      return (byte) (sign | 0x7F);
    }
    if (magnitude < 0x3C800000) { // below 2^-6: subnormal or zero
      float sum = Float.intBitsToFloat(magnitude) + SUBNORMAL_ROUNDER;
      return (byte)
          (sign | (Float.floatToRawIntBits(sum) - Float.floatToRawIntBits(SUBNORMAL_ROUNDER)));
    }
    int rounded = magnitude + 0x7FFFF + ((magnitude >>> 20) & 1);
    return (byte) (sign | ((rounded - (120 << 23)) >>> 20));
  }
}
