package io.verillm.core.wire;

import java.util.Arrays;

/**
 * Arithmetic modulo p = 2^255 − 19 on five signed limbs of 51 bits, least significant first.
 *
 * <p>Bounds: {@link #mul} and {@link #sqr} take limbs below 2^53 in magnitude and give limbs below
 * 2^51 + 2^18; {@link #add} and {@link #sub} do not carry, so that two of them in a row may feed a
 * product. No branch or address depends on a value. Operands may be the result.
 */
final class Field25519 {
  private static final long MASK = (1L << 51) - 1;

  private Field25519() {}

  static long[] zero() {
    return new long[5];
  }

  static long[] one() {
    return new long[] {1, 0, 0, 0, 0};
  }

  static void copy(long[] from, long[] to) {
    System.arraycopy(from, 0, to, 0, 5);
  }

  static void add(long[] a, long[] b, long[] sum) {
    for (int i = 0; i < 5; i++) {
      sum[i] = a[i] + b[i];
    }
  }

  static void sub(long[] a, long[] b, long[] difference) {
    for (int i = 0; i < 5; i++) {
      difference[i] = a[i] - b[i];
    }
  }

  static void negate(long[] a, long[] negative) {
    for (int i = 0; i < 5; i++) {
      negative[i] = -a[i];
    }
  }

  /** Replaces {@code a} by {@code b} if the mask is all ones, and keeps it if the mask is 0. */
  static void select(long mask, long[] a, long[] b) {
    for (int i = 0; i < 5; i++) {
      a[i] ^= mask & (a[i] ^ b[i]);
    }
  }

  /** Floor of a·b / 2^51 for operands that were shifted left by 6 and 7 bits. */
  private static long high(long aShifted6, long bShifted7) {
    return Math.multiplyHigh(aShifted6, bShifted7);
  }

  private static long low(long a, long b) {
    return (a * b) & MASK;
  }

  static void mul(long[] a, long[] b, long[] product) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long b0 = b[0];
    long b1 = b[1];
    long b2 = b[2];
    long b3 = b[3];
    long b4 = b[4];
    long c0 = a0 << 6;
    long c1 = a1 << 6;
    long c2 = a2 << 6;
    long c3 = a3 << 6;
    long c4 = a4 << 6;
    long d0 = b0 << 7;
    long d1 = b1 << 7;
    long d2 = b2 << 7;
    long d3 = b3 << 7;
    long d4 = b4 << 7;
    // Column k collects low halves of limbs i + j = k and high halves of i + j = k − 1.
    long r0 = low(a0, b0);
    long r1 = low(a0, b1) + low(a1, b0) + high(c0, d0);
    long r2 = low(a0, b2) + low(a1, b1) + low(a2, b0) + high(c0, d1) + high(c1, d0);
    long r3 =
        low(a0, b3)
            + low(a1, b2)
            + low(a2, b1)
            + low(a3, b0)
            + high(c0, d2)
            + high(c1, d1)
            + high(c2, d0);
    long r4 =
        low(a0, b4)
            + low(a1, b3)
            + low(a2, b2)
            + low(a3, b1)
            + low(a4, b0)
            + high(c0, d3)
            + high(c1, d2)
            + high(c2, d1)
            + high(c3, d0);
    long r5 =
        low(a1, b4)
            + low(a2, b3)
            + low(a3, b2)
            + low(a4, b1)
            + high(c0, d4)
            + high(c1, d3)
            + high(c2, d2)
            + high(c3, d1)
            + high(c4, d0);
    long r6 =
        low(a2, b4)
            + low(a3, b3)
            + low(a4, b2)
            + high(c1, d4)
            + high(c2, d3)
            + high(c3, d2)
            + high(c4, d1);
    long r7 = low(a3, b4) + low(a4, b3) + high(c2, d4) + high(c3, d3) + high(c4, d2);
    long r8 = low(a4, b4) + high(c3, d4) + high(c4, d3);
    long r9 = high(c4, d4);
    carry(r0 + 19 * r5, r1 + 19 * r6, r2 + 19 * r7, r3 + 19 * r8, r4 + 19 * r9, product);
  }

  static void sqr(long[] a, long[] square) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long c0 = a0 << 6;
    long c1 = a1 << 6;
    long c2 = a2 << 6;
    long c3 = a3 << 6;
    long c4 = a4 << 6;
    long d1 = a1 << 7;
    long d2 = a2 << 7;
    long d3 = a3 << 7;
    long d4 = a4 << 7;
    long r0 = low(a0, a0);
    long r1 = 2 * low(a0, a1) + high(c0, a0 << 7);
    long r2 = 2 * (low(a0, a2) + high(c0, d1)) + low(a1, a1);
    long r3 = 2 * (low(a0, a3) + low(a1, a2) + high(c0, d2)) + high(c1, d1);
    long r4 = 2 * (low(a0, a4) + low(a1, a3) + high(c0, d3) + high(c1, d2)) + low(a2, a2);
    long r5 = 2 * (low(a1, a4) + low(a2, a3) + high(c0, d4) + high(c1, d3)) + high(c2, d2);
    long r6 = 2 * (low(a2, a4) + high(c1, d4) + high(c2, d3)) + low(a3, a3);
    long r7 = 2 * (low(a3, a4) + high(c2, d4)) + high(c3, d3);
    long r8 = 2 * high(c3, d4) + low(a4, a4);
    long r9 = high(c4, d4);
    carry(r0 + 19 * r5, r1 + 19 * r6, r2 + 19 * r7, r3 + 19 * r8, r4 + 19 * r9, square);
  }

  private static void carry(long r0, long r1, long r2, long r3, long r4, long[] result) {
    r1 += r0 >> 51;
    r2 += r1 >> 51;
    r3 += r2 >> 51;
    r4 += r3 >> 51;
    result[0] = (r0 & MASK) + 19 * (r4 >> 51);
    result[1] = r1 & MASK;
    result[2] = r2 & MASK;
    result[3] = r3 & MASK;
    result[4] = r4 & MASK;
  }

  private static void sqrTimes(long[] a, int times, long[] result) {
    sqr(a, result);
    for (int i = 1; i < times; i++) {
      sqr(result, result);
    }
  }

  /** a^(2^250 − 1), from which both exponents below follow; {@code a11} receives a^11. */
  private static long[] power250(long[] a, long[] a11) {
    long[] t = zero();
    long[] a9 = zero();
    sqrTimes(a, 3, t); // 8
    mul(t, a, a9); // 9
    sqr(a, t); // 2
    mul(t, a9, a11); // 11
    sqr(a11, t); // 22
    long[] e5 = zero();
    mul(t, a9, e5); // 2^5 − 1
    long[] e10 = zero();
    sqrTimes(e5, 5, t);
    mul(t, e5, e10);
    long[] e20 = zero();
    sqrTimes(e10, 10, t);
    mul(t, e10, e20);
    long[] e50 = zero();
    sqrTimes(e20, 20, t);
    mul(t, e20, e50); // 2^40 − 1
    sqrTimes(e50, 10, t);
    mul(t, e10, e50); // 2^50 − 1
    long[] e100 = zero();
    sqrTimes(e50, 50, t);
    mul(t, e50, e100);
    long[] e200 = zero();
    sqrTimes(e100, 100, t);
    mul(t, e100, e200);
    sqrTimes(e200, 50, t);
    mul(t, e50, t);
    return t;
  }

  /** a^(p − 2), the inverse of everything but 0, whose result is 0. */
  static void invert(long[] a, long[] inverse) {
    long[] a11 = zero();
    long[] t = power250(a, a11);
    sqrTimes(t, 5, t);
    mul(t, a11, inverse); // 2^255 − 21
  }

  /** a^((p − 5) / 8), for square roots; RFC 8032 section 5.1.3. */
  static void power58(long[] a, long[] result) {
    long[] t = power250(a, zero());
    sqrTimes(t, 2, t);
    mul(t, a, result); // 2^252 − 3
  }

  /** Reads 255 bits, little-endian; the top bit is not looked at and the value may exceed p. */
  static long[] decode(byte[] in) {
    long[] value = new long[5];
    for (int bit = 0; bit < 255; bit += 51) {
      long limb = 0;
      for (int i = 7; i >= 0; i--) {
        int at = bit / 8 + i;
        limb = (limb << 8) | (at < 32 ? in[at] & 0xFF : 0);
      }
      value[bit / 51] = (limb >>> (bit % 8)) & MASK;
    }
    return value;
  }

  /** Writes the one representative below p, little-endian in 32 bytes. */
  static byte[] encode(long[] a) {
    long[] t = a.clone();
    t[0] += (1L << 54) - 19 * 8; // adds 8p, so that every limb is positive
    for (int i = 1; i < 5; i++) {
      t[i] += (1L << 54) - 8;
    }
    carry(t[0], t[1], t[2], t[3], t[4], t);
    carry(t[0], t[1], t[2], t[3], t[4], t); // now 0 ≤ t < 2^255
    long above = (t[0] + 19) >> 51; // becomes 1 exactly if t ≥ p
    for (int i = 1; i < 5; i++) {
      above = (t[i] + above) >> 51;
    }
    t[0] += 19 * above;
    for (int i = 0; i < 4; i++) {
      t[i + 1] += t[i] >> 51;
      t[i] &= MASK;
    }
    t[4] &= MASK;
    byte[] out = new byte[32];
    for (int i = 0; i < 32; i++) {
      int limb = 8 * i / 51;
      int shift = 8 * i % 51;
      long bits = t[limb] >>> shift;
      if (shift > 43 && limb < 4) {
        bits |= t[limb + 1] << (51 - shift);
      }
      out[i] = (byte) bits;
    }
    return out;
  }

  /** Whether two elements are equal modulo p; variable time. */
  static boolean equalsVar(long[] a, long[] b) {
    return Arrays.equals(encode(a), encode(b));
  }

  /** Whether the element is 0 modulo p; variable time. */
  static boolean isZeroVar(long[] a) {
    return equalsVar(a, new long[5]);
  }

  /** The lowest bit of the representative below p: the sign of RFC 8032 section 5.1.2. */
  static boolean isNegative(long[] a) {
    return (encode(a)[0] & 1) != 0;
  }
}
