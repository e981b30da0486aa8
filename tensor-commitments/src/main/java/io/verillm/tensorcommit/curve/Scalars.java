package io.verillm.tensorcommit.curve;

/**
 * Non-negative integers of a stated width, the multipliers of a multi-scalar multiplication.
 *
 * <p>Each takes ⌈bits / 8⌉ little-endian bytes, so a row of BF16 values is its own scalar vector.
 * Borrows its array.
 */
public final class Scalars {
  private final byte[] littleEndian;
  private final int count;
  private final int bits;

  /**
   * Views an array.
   *
   * @param littleEndian count · ⌈bits / 8⌉ bytes
   * @param bits 1 to 255; no scalar may have a higher bit set
   * @throws IllegalArgumentException if the length does not fit, or a scalar is too wide
   */
  public Scalars(byte[] littleEndian, int count, int bits) {
    if (bits < 1 || bits > 255) {
      throw new IllegalArgumentException("scalars of " + bits + " bits");
    }
    int stride = (bits + 7) / 8;
    if (count < 0 || littleEndian.length != Math.multiplyExact(count, stride)) {
      throw new IllegalArgumentException(
          count + " scalars of " + stride + " bytes in " + littleEndian.length);
    }
    if ((bits & 7) != 0) {
      int high = 0xFF & (0xFF << (bits & 7));
      for (int last = stride - 1; last < littleEndian.length; last += stride) {
        if ((littleEndian[last] & high) != 0) {
          throw new IllegalArgumentException("scalar " + last / stride + " has more than " + bits);
        }
      }
    }
    this.littleEndian = littleEndian;
    this.count = count;
    this.bits = bits;
  }

  /** Copies integers, all at least 0, at the width of the widest. */
  public static Scalars ofLongs(long[] values) {
    long all = 1;
    for (long value : values) {
      if (value < 0) {
        throw new IllegalArgumentException("negative scalar " + value);
      }
      all |= value;
    }
    int bits = 64 - Long.numberOfLeadingZeros(all);
    int stride = (bits + 7) / 8;
    byte[] bytes = new byte[Math.multiplyExact(values.length, stride)];
    for (int i = 0; i < values.length; i++) {
      for (int k = 0; k < stride; k++) {
        bytes[i * stride + k] = (byte) (values[i] >>> (8 * k));
      }
    }
    return new Scalars(bytes, values.length, bits);
  }

  /** Number of scalars. */
  public int count() {
    return count;
  }

  /** Width. */
  public int bits() {
    return bits;
  }

  int stride() {
    return (bits + 7) / 8;
  }

  byte[] littleEndian() {
    return littleEndian;
  }

  /** Bits from {@code low} on, at most 24 of them, of one scalar; bits beyond the width are 0. */
  int digit(int index, int low, int width) {
    int stride = stride();
    int first = index * stride;
    int end = first + stride;
    int at = first + (low >>> 3);
    int word = 0;
    for (int k = 0; k < 4 && at + k < end; k++) {
      word |= (littleEndian[at + k] & 0xFF) << (8 * k);
    }
    return (word >>> (low & 7)) & ((1 << width) - 1);
  }
}
