package io.verillm.core.wire;

/**
 * Arithmetic modulo L = 2^252 + 27742317777372353535851937790883648493, the order of Ed25519's base
 * point. Scalars are 32 bytes, little-endian. No branch or address depends on a value.
 */
final class Scalar25519 {
  private static final int LIMBS = 5;
  private static final int LIMB_BITS = 52;
  private static final long MASK = (1L << LIMB_BITS) - 1;

  /** L, least significant limb first. */
  private static final long[] ORDER = {
    0x2631a5cf5d3edL, 0xdea2f79cd6581L, 0x000000014def9L, 0, 1L << 44
  };

  private Scalar25519() {}

  /** Returns a little-endian number of any length modulo L. */
  static byte[] reduce(byte[] number) {
    long[] rest = new long[LIMBS];
    long[] less = new long[LIMBS];
    for (int bit = 8 * number.length - 1; bit >= 0; bit--) {
      long carry = (number[bit / 8] >> (bit % 8)) & 1;
      for (int i = 0; i < LIMBS; i++) {
        long doubled = (rest[i] << 1) | carry;
        carry = doubled >>> LIMB_BITS;
        rest[i] = doubled & MASK;
      }
      long keep = subtractOrder(rest, less); // all ones if rest < L
      for (int i = 0; i < LIMBS; i++) {
        rest[i] = (rest[i] & keep) | (less[i] & ~keep);
      }
    }
    byte[] out = new byte[32];
    for (int i = 0; i < 32; i++) {
      int limb = 8 * i / LIMB_BITS;
      int shift = 8 * i % LIMB_BITS;
      long bits = rest[limb] >>> shift;
      if (shift > LIMB_BITS - 8 && limb + 1 < LIMBS) {
        bits |= rest[limb + 1] << (LIMB_BITS - shift);
      }
      out[i] = (byte) bits;
    }
    return out;
  }

  private static long subtractOrder(long[] a, long[] difference) {
    long borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
      long d = a[i] - ORDER[i] + borrow;
      borrow = d >> LIMB_BITS;
      difference[i] = d & MASK;
    }
    return borrow;
  }

  /** Returns a·b + c modulo L; operands of up to 32 bytes. */
  static byte[] multiplyAdd(byte[] a, byte[] b, byte[] c) {
    byte[] sum = new byte[65];
    System.arraycopy(c, 0, sum, 0, c.length);
    for (int i = 0; i < a.length; i++) {
      int carry = 0;
      for (int j = 0; i + j < sum.length; j++) {
        int digit = j < b.length ? b[j] & 0xFF : 0;
        carry += (sum[i + j] & 0xFF) + (a[i] & 0xFF) * digit;
        sum[i + j] = (byte) carry;
        carry >>>= 8;
      }
    }
    return reduce(sum);
  }

  /** Whether 32 bytes are the encoding of a number below L. */
  static boolean isCanonical(byte[] scalar) {
    return java.util.Arrays.equals(reduce(scalar), scalar);
  }
}
