package io.verillm.tensorcommit.curve;

import java.math.BigInteger;

/**
 * The scalar field of BLS12-381, integers modulo the 255-bit prime r, as five limbs of 52 bits in
 * Montgomery form with R = 2^260, always reduced.
 *
 * <p>Elements lie in flat arrays, {@value #LIMBS} longs each; see {@link Fp} for how a product is
 * split. {@link Fr} and {@link FrVector} are the public face. Not constant-time.
 */
final class FrLimbs {
  static final int LIMBS = 5;
  static final int WIDTH = 52;
  static final long MASK = (1L << WIDTH) - 1;
  private static final int SHIFT = (64 - WIDTH) / 2;

  static final BigInteger MODULUS =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);
  private static final BigInteger R = BigInteger.ONE.shiftLeft(LIMBS * WIDTH);
  private static final BigInteger R_INVERSE = R.modInverse(MODULUS);
  private static final long NEG_INVERSE = Limbs.negativeInverse(MODULUS, WIDTH);
  private static final long[] MODULUS_LIMBS = limbs(MODULUS);
  private static final long R0 = MODULUS_LIMBS[0];
  private static final long R1 = MODULUS_LIMBS[1];
  private static final long R2 = MODULUS_LIMBS[2];
  private static final long R3 = MODULUS_LIMBS[3];
  private static final long R4 = MODULUS_LIMBS[4];
  private static final long RS0 = R0 << SHIFT;
  private static final long RS1 = R1 << SHIFT;
  private static final long RS2 = R2 << SHIFT;
  private static final long RS3 = R3 << SHIFT;
  private static final long RS4 = R4 << SHIFT;
  private static final long[] R_SQUARED = limbs(R.multiply(R).mod(MODULUS));
  private static final long[] PLAIN_ONE = limbs(BigInteger.ONE);

  private FrLimbs() {}

  /** r = a·b/R, reduced; r may be a or b. */
  static void mul(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long b0 = b[bo + 0];
    long b1 = b[bo + 1];
    long b2 = b[bo + 2];
    long b3 = b[bo + 3];
    long b4 = b[bo + 4];
    long c0 = b0 << SHIFT;
    long c1 = b1 << SHIFT;
    long c2 = b2 << SHIFT;
    long c3 = b3 << SHIFT;
    long c4 = b4 << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    for (int i = 0; i < LIMBS; i++) {
      long x = a[ao + i];
      long xs = x << SHIFT;
      t0 += (x * b0) & MASK;
      long m = (t0 * NEG_INVERSE) & MASK;
      long ms = m << SHIFT;
      long carry = (t0 + ((m * R0) & MASK)) >>> WIDTH;
      t0 =
          t1
              + ((x * b1) & MASK)
              + Math.multiplyHigh(xs, c0)
              + ((m * R1) & MASK)
              + Math.multiplyHigh(ms, RS0)
              + carry;
      t1 =
          t2
              + ((x * b2) & MASK)
              + Math.multiplyHigh(xs, c1)
              + ((m * R2) & MASK)
              + Math.multiplyHigh(ms, RS1);
      t2 =
          t3
              + ((x * b3) & MASK)
              + Math.multiplyHigh(xs, c2)
              + ((m * R3) & MASK)
              + Math.multiplyHigh(ms, RS2);
      t3 =
          t4
              + ((x * b4) & MASK)
              + Math.multiplyHigh(xs, c3)
              + ((m * R4) & MASK)
              + Math.multiplyHigh(ms, RS3);
      t4 = Math.multiplyHigh(xs, c4) + Math.multiplyHigh(ms, RS4);
    }
    t1 += t0 >>> WIDTH;
    t2 += t1 >>> WIDTH;
    t3 += t2 >>> WIDTH;
    t4 += t3 >>> WIDTH;
    t0 &= MASK;
    t1 &= MASK;
    t2 &= MASK;
    t3 &= MASK;
    reduce(t0, t1, t2, t3, t4, r, ro);
  }

  /** Subtracts the modulus once if that leaves nothing negative. */
  private static void reduce(long t0, long t1, long t2, long t3, long t4, long[] r, int ro) {
    long s0 = t0 - R0;
    long s1 = t1 - R1 + (s0 >> 63);
    long s2 = t2 - R2 + (s1 >> 63);
    long s3 = t3 - R3 + (s2 >> 63);
    long s4 = t4 - R4 + (s3 >> 63);
    long keep = s4 >> 63; // all ones if the value was below the modulus
    r[ro] = (t0 & keep) | (s0 & MASK & ~keep);
    r[ro + 1] = (t1 & keep) | (s1 & MASK & ~keep);
    r[ro + 2] = (t2 & keep) | (s2 & MASK & ~keep);
    r[ro + 3] = (t3 & keep) | (s3 & MASK & ~keep);
    r[ro + 4] = (t4 & keep) | (s4 & ~keep);
  }

  static void add(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long t0 = a[ao] + b[bo];
    long t1 = a[ao + 1] + b[bo + 1] + (t0 >>> WIDTH);
    long t2 = a[ao + 2] + b[bo + 2] + (t1 >>> WIDTH);
    long t3 = a[ao + 3] + b[bo + 3] + (t2 >>> WIDTH);
    long t4 = a[ao + 4] + b[bo + 4] + (t3 >>> WIDTH);
    reduce(t0 & MASK, t1 & MASK, t2 & MASK, t3 & MASK, t4, r, ro);
  }

  static void sub(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long t0 = a[ao] - b[bo] + R0;
    long t1 = a[ao + 1] - b[bo + 1] + R1 + (t0 >> WIDTH);
    long t2 = a[ao + 2] - b[bo + 2] + R2 + (t1 >> WIDTH);
    long t3 = a[ao + 3] - b[bo + 3] + R3 + (t2 >> WIDTH);
    long t4 = a[ao + 4] - b[bo + 4] + R4 + (t3 >> WIDTH);
    reduce(t0 & MASK, t1 & MASK, t2 & MASK, t3 & MASK, t4, r, ro);
  }

  static boolean isZero(long[] a, int ao) {
    return (a[ao] | a[ao + 1] | a[ao + 2] | a[ao + 3] | a[ao + 4]) == 0;
  }

  /** Montgomery form of a small integer, at least 0. */
  static void fromLong(long value, long[] r, int ro) {
    plain(value, r, ro);
    toMontgomery(r, ro, r, ro);
  }

  /** The limbs of a small integer, at least 0. */
  static void plain(long value, long[] r, int ro) {
    r[ro] = value & MASK;
    r[ro + 1] = value >>> WIDTH;
    r[ro + 2] = 0;
    r[ro + 3] = 0;
    r[ro + 4] = 0;
  }

  /** r = a·R. */
  static void toMontgomery(long[] a, int ao, long[] r, int ro) {
    mul(a, ao, R_SQUARED, 0, r, ro);
  }

  static void fromBigInteger(BigInteger value, long[] r, int ro) {
    System.arraycopy(limbs(value.multiply(R).mod(MODULUS)), 0, r, ro, LIMBS);
  }

  static BigInteger toBigInteger(long[] a, int ao) {
    return Limbs.toBigInteger(a, ao, LIMBS, WIDTH).multiply(R_INVERSE).mod(MODULUS);
  }

  /** Writes the canonical value as 32 little-endian bytes; {@code plain} is scratch of five. */
  static void writeLittleEndian(long[] a, int ao, byte[] bytes, int offset, long[] plain) {
    mul(a, ao, PLAIN_ONE, 0, plain, 0);
    long w0 = plain[0] | plain[1] << 52;
    long w1 = plain[1] >>> 12 | plain[2] << 40;
    long w2 = plain[2] >>> 24 | plain[3] << 28;
    long w3 = plain[3] >>> 36 | plain[4] << 16;
    LONGS.set(bytes, offset, w0);
    LONGS.set(bytes, offset + 8, w1);
    LONGS.set(bytes, offset + 16, w2);
    LONGS.set(bytes, offset + 24, w3);
  }

  private static final java.lang.invoke.VarHandle LONGS =
      java.lang.invoke.MethodHandles.byteArrayViewVarHandle(
          long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);

  private static long[] limbs(BigInteger value) {
    return Limbs.of(value, LIMBS, WIDTH);
  }
}
