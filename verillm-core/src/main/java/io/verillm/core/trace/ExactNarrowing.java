package io.verillm.core.trace;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Copies a row into the type that a profile asks for, if that loses nothing.
 *
 * <p>Engines hand out F32 rows whatever they round to. A BF16 or F16 profile therefore takes F32
 * rows whose every element has that value exactly, and refuses all others: rounding here would
 * commit to numbers that the engine never had. No other pair of types is converted.
 */
final class ExactNarrowing {
  private ExactNarrowing() {}

  /**
   * Copies.
   *
   * @throws IllegalArgumentException if an element would change, or the types are another pair
   */
  static void copy(TensorView row, DType target, byte[] out, int offset) {
    ByteBuffer source = row.bytes();
    if (row.dtype() == target) {
      source.get(out, offset, source.remaining());
      return;
    }
    if (row.dtype() != DType.F32 || (target != DType.BF16 && target != DType.F16)) {
      throw new IllegalArgumentException(
          "the profile commits " + target + ", the row is " + row.dtype());
    }
    int elements = source.remaining() / Float.BYTES;
    ByteBuffer halves = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      int bits = source.getInt(i * Float.BYTES);
      int half = target == DType.BF16 ? toBf16(bits) : toF16(bits);
      if (half < 0) {
        throw new IllegalArgumentException(
            "element "
                + i
                + " is "
                + Float.intBitsToFloat(bits)
                + ", which "
                + target
                + " cannot hold; convert before pushing");
      }
      halves.putShort(offset + i * Short.BYTES, (short) half);
    }
  }

  /** The 16 bits, or −1 if there are none. */
  static int toBf16(int bits) {
    return (bits & 0xFFFF) == 0 ? bits >>> 16 : -1;
  }

  /** The 16 bits, or −1 if there are none. */
  static int toF16(int bits) {
    int sign = bits >>> 16 & 0x8000;
    int exponent = bits >>> 23 & 0xFF;
    int mantissa = bits & 0x7FFFFF;
    if (exponent == 0xFF) {
      return (mantissa & 0x1FFF) == 0 ? sign | 0x7C00 | (mantissa >>> 13) : -1;
    }
    if (exponent == 0) {
      return mantissa == 0 ? sign : -1;
    }
    int power = exponent - 127;
    if (power > 15 || power < -24) {
      return -1;
    }
    if (power >= -14) {
      return (mantissa & 0x1FFF) == 0 ? sign | ((power + 15) << 10) | (mantissa >>> 13) : -1;
    }
    int full = mantissa | 0x800000;
    int shift = 13 - 14 - power; // −15 and below: subnormal, one more bit lost per step
    return (full & ((1 << shift) - 1)) == 0 ? sign | (full >>> shift) : -1;
  }
}
