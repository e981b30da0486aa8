package io.verillm.tensorcommit.curve;

import java.math.BigInteger;

/**
 * The base field of BLS12-381, integers modulo the 381-bit prime p, as seven limbs of 56 bits in
 * Montgomery form with R = 2^392.
 *
 * <p>Elements lie in flat arrays, {@value #LIMBS} longs each. Reduction is lazy: {@link #mul} takes
 * factors below 16 p and returns a value below 2 p; every other routine says what it needs and
 * gives. Products are split at bit 56 by two multiplications, the low one masked and the high one
 * of operands shifted by four bits, so that columns add up without carries. Not constant-time.
 */
final class Fp {
  static final int LIMBS = 7;
  static final int WIDTH = 56;
  static final long MASK = (1L << WIDTH) - 1;
  private static final int SHIFT = (64 - WIDTH) / 2;

  static final BigInteger MODULUS =
      new BigInteger(
          "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
          16);
  private static final BigInteger R = BigInteger.ONE.shiftLeft(LIMBS * WIDTH);
  private static final BigInteger R_INVERSE = R.modInverse(MODULUS);
  private static final long NEG_INVERSE = Limbs.negativeInverse(MODULUS, WIDTH);
  private static final long[] P = limbs(MODULUS);
  private static final long P0 = P[0];
  private static final long P1 = P[1];
  private static final long P2 = P[2];
  private static final long P3 = P[3];
  private static final long P4 = P[4];
  private static final long P5 = P[5];
  private static final long P6 = P[6];
  private static final long PS0 = P0 << SHIFT;
  private static final long PS1 = P1 << SHIFT;
  private static final long PS2 = P2 << SHIFT;
  private static final long PS3 = P3 << SHIFT;
  private static final long PS4 = P4 << SHIFT;
  private static final long PS5 = P5 << SHIFT;
  private static final long PS6 = P6 << SHIFT;

  /** MULTIPLES[k] is k·p, for subtraction without a sign. */
  private static final long[][] MULTIPLES = new long[17][];

  static final long[] ONE = fromBigInteger(BigInteger.ONE);
  static final long[] FOUR = fromBigInteger(BigInteger.valueOf(4));

  /** (p + 1) / 4 and p − 2, for square roots and inverses by powers. */
  private static final BigInteger ROOT_EXPONENT = MODULUS.add(BigInteger.ONE).shiftRight(2);

  static {
    for (int k = 0; k < MULTIPLES.length; k++) {
      MULTIPLES[k] = limbs(MODULUS.multiply(BigInteger.valueOf(k)));
    }
  }

  private Fp() {}

  /** r = a·b/R below 2 p, for factors below 16 p; r may be a or b. */
  static void mul(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long b0 = b[bo + 0];
    long b1 = b[bo + 1];
    long b2 = b[bo + 2];
    long b3 = b[bo + 3];
    long b4 = b[bo + 4];
    long b5 = b[bo + 5];
    long b6 = b[bo + 6];
    long c0 = b0 << SHIFT;
    long c1 = b1 << SHIFT;
    long c2 = b2 << SHIFT;
    long c3 = b3 << SHIFT;
    long c4 = b4 << SHIFT;
    long c5 = b5 << SHIFT;
    long c6 = b6 << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    long t5 = 0;
    long t6 = 0;
    for (int i = 0; i < LIMBS; i++) {
      long x = a[ao + i];
      long xs = x << SHIFT;
      t0 += (x * b0) & MASK;
      long m = (t0 * NEG_INVERSE) & MASK;
      long ms = m << SHIFT;
      long carry = (t0 + ((m * P0) & MASK)) >>> WIDTH;
      t0 =
          t1
              + ((x * b1) & MASK)
              + Math.multiplyHigh(xs, c0)
              + ((m * P1) & MASK)
              + Math.multiplyHigh(ms, PS0)
              + carry;
      t1 =
          t2
              + ((x * b2) & MASK)
              + Math.multiplyHigh(xs, c1)
              + ((m * P2) & MASK)
              + Math.multiplyHigh(ms, PS1);
      t2 =
          t3
              + ((x * b3) & MASK)
              + Math.multiplyHigh(xs, c2)
              + ((m * P3) & MASK)
              + Math.multiplyHigh(ms, PS2);
      t3 =
          t4
              + ((x * b4) & MASK)
              + Math.multiplyHigh(xs, c3)
              + ((m * P4) & MASK)
              + Math.multiplyHigh(ms, PS3);
      t4 =
          t5
              + ((x * b5) & MASK)
              + Math.multiplyHigh(xs, c4)
              + ((m * P5) & MASK)
              + Math.multiplyHigh(ms, PS4);
      t5 =
          t6
              + ((x * b6) & MASK)
              + Math.multiplyHigh(xs, c5)
              + ((m * P6) & MASK)
              + Math.multiplyHigh(ms, PS5);
      t6 = Math.multiplyHigh(xs, c6) + Math.multiplyHigh(ms, PS6);
    }
    t1 += t0 >>> WIDTH;
    t2 += t1 >>> WIDTH;
    t3 += t2 >>> WIDTH;
    t4 += t3 >>> WIDTH;
    t5 += t4 >>> WIDTH;
    t6 += t5 >>> WIDTH;
    r[ro + 0] = t0 & MASK;
    r[ro + 1] = t1 & MASK;
    r[ro + 2] = t2 & MASK;
    r[ro + 3] = t3 & MASK;
    r[ro + 4] = t4 & MASK;
    r[ro + 5] = t5 & MASK;
    r[ro + 6] = t6;
  }

  static void square(long[] a, int ao, long[] r, int ro) {
    mul(a, ao, a, ao, r, ro);
  }

  /** r = a + b; the bounds add up. */
  static void add(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long carry = 0;
    for (int i = 0; i < LIMBS - 1; i++) {
      carry += a[ao + i] + b[bo + i];
      r[ro + i] = carry & MASK;
      carry >>= WIDTH;
    }
    r[ro + LIMBS - 1] = a[ao + LIMBS - 1] + b[bo + LIMBS - 1] + carry;
  }

  /** r = a − b + k·p, for b of at most k·p; below the bound of a plus k·p. */
  static void sub(long[] a, int ao, long[] b, int bo, int k, long[] r, int ro) {
    long[] kp = MULTIPLES[k];
    long carry = 0;
    for (int i = 0; i < LIMBS - 1; i++) {
      carry += a[ao + i] - b[bo + i] + kp[i];
      r[ro + i] = carry & MASK;
      carry >>= WIDTH; // arithmetic: the partial sum may be negative
    }
    r[ro + LIMBS - 1] = a[ao + LIMBS - 1] - b[bo + LIMBS - 1] + kp[LIMBS - 1] + carry;
  }

  /** Whether a value below 2 p is zero modulo p. */
  static boolean isZero(long[] a, int ao) {
    long zero = 0;
    long prime = 0;
    for (int i = 0; i < LIMBS; i++) {
      zero |= a[ao + i];
      prime |= a[ao + i] ^ P[i];
    }
    return zero == 0 || prime == 0;
  }

  static void copy(long[] a, int ao, long[] r, int ro) {
    System.arraycopy(a, ao, r, ro, LIMBS);
  }

  /** Whether a value below 16 p and one of at most 16 p are equal modulo p. */
  static boolean equal(long[] a, int ao, long[] b, int bo) {
    long[] difference = new long[LIMBS];
    sub(a, ao, b, bo, 16, difference, 0);
    mul(difference, 0, ONE, 0, difference, 0); // at most p again, so zero is 0 or p
    return isZero(difference, 0);
  }

  /** r = 1/a by BigInteger; a is not zero. */
  static void invert(long[] a, int ao, long[] r, int ro) {
    copy(fromBigInteger(toBigInteger(a, ao).modInverse(MODULUS)), 0, r, ro);
  }

  /** A square root of a, or null if there is none. */
  static long @org.jspecify.annotations.Nullable [] squareRoot(long[] a) {
    long[] root = power(a, ROOT_EXPONENT);
    long[] check = new long[LIMBS];
    square(root, 0, check, 0);
    return equal(check, 0, a, 0) ? root : null;
  }

  private static long[] power(long[] base, BigInteger exponent) {
    long[][] table = new long[16][LIMBS];
    copy(ONE, 0, table[0], 0);
    for (int i = 1; i < 16; i++) {
      mul(table[i - 1], 0, base, 0, table[i], 0);
    }
    long[] result = ONE.clone();
    for (int nibble = (exponent.bitLength() + 3) / 4 - 1; nibble >= 0; nibble--) {
      for (int i = 0; i < 4; i++) {
        square(result, 0, result, 0);
      }
      int digit = exponent.shiftRight(4 * nibble).intValue() & 15;
      if (digit != 0) {
        mul(result, 0, table[digit], 0, result, 0);
      }
    }
    return result;
  }

  static long[] fromBigInteger(BigInteger value) {
    return limbs(value.multiply(R).mod(MODULUS));
  }

  /** The canonical value, 0 to p − 1. */
  static BigInteger toBigInteger(long[] a, int ao) {
    return Limbs.toBigInteger(a, ao, LIMBS, WIDTH).multiply(R_INVERSE).mod(MODULUS);
  }

  private static long[] limbs(BigInteger value) {
    return Limbs.of(value, LIMBS, WIDTH);
  }

  private static final long[] R_SQUARED = limbs(R.multiply(R).mod(MODULUS));
  private static final long[] PLAIN_ONE = limbs(BigInteger.ONE);

  /**
   * Reads 48 big-endian bytes into Montgomery form.
   *
   * @return whether the integer is below p; if not, nothing is written
   */
  static boolean read(byte[] bytes, int offset, long[] r, int ro) {
    long[] plain = new long[LIMBS];
    for (int i = 0; i < LIMBS; i++) {
      long limb = 0;
      for (int k = 6; k >= 0; k--) {
        int index = 47 - (7 * i + k);
        limb = limb << 8 | (index < 0 ? 0 : bytes[offset + index] & 0xFF);
      }
      plain[i] = limb;
    }
    if (compare(plain, P) >= 0) {
      return false;
    }
    mul(plain, 0, R_SQUARED, 0, r, ro);
    return true;
  }

  /** Writes the canonical value as 48 big-endian bytes. */
  static void write(long[] a, int ao, byte[] bytes, int offset) {
    long[] plain = new long[LIMBS];
    mul(a, ao, PLAIN_ONE, 0, plain, 0); // at most p
    if (compare(plain, P) >= 0) {
      java.util.Arrays.fill(plain, 0); // only p itself can occur
    }
    for (int i = 0; i < LIMBS; i++) {
      for (int k = 0; k < 7; k++) {
        int index = 47 - (7 * i + k);
        if (index >= 0) {
          bytes[offset + index] = (byte) (plain[i] >>> (8 * k));
        }
      }
    }
  }

  private static int compare(long[] a, long[] b) {
    for (int i = LIMBS - 1; i >= 0; i--) {
      if (a[i] != b[i]) {
        return Long.compare(a[i], b[i]);
      }
    }
    return 0;
  }
}
