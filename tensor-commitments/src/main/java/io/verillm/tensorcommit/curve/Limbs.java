package io.verillm.tensorcommit.curve;

import java.math.BigInteger;

/** What the two fields share outside their unrolled kernels: integers as limbs of a width. */
final class Limbs {
  private Limbs() {}

  /** The lowest {@code count} limbs of a non-negative integer, the lowest first. */
  static long[] of(BigInteger value, int count, int width) {
    long mask = (1L << width) - 1;
    long[] limbs = new long[count];
    for (int i = 0; i < count; i++) {
      limbs[i] = value.shiftRight(width * i).longValue() & mask;
    }
    return limbs;
  }

  /** The integer of limbs that may be wider than they should. */
  static BigInteger toBigInteger(long[] limbs, int offset, int count, int width) {
    BigInteger sum = BigInteger.ZERO;
    for (int i = count - 1; i >= 0; i--) {
      sum = sum.shiftLeft(width).add(BigInteger.valueOf(limbs[offset + i]));
    }
    return sum;
  }

  /** −1/m modulo 2^width, which Montgomery's reduction multiplies by. */
  static long negativeInverse(BigInteger modulus, int width) {
    return modulus.negate().modInverse(BigInteger.ONE.shiftLeft(width)).longValueExact();
  }
}
