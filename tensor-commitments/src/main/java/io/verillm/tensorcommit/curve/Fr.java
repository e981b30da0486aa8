package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * An element of the scalar field of BLS12-381, compared by content. Immutable.
 *
 * <p>On the wire it is 32 big-endian bytes below the modulus; larger integers are refused, never
 * reduced.
 */
public final class Fr {
  /** Bytes of an element on the wire. */
  public static final int BYTES = 32;

  /** The modulus r, the order of the groups. */
  public static final BigInteger MODULUS = FrLimbs.MODULUS;

  /** Zero. */
  public static final Fr ZERO = new Fr(new long[FrLimbs.LIMBS]);

  /** One. */
  public static final Fr ONE = of(1);

  final long[] limbs;

  private Fr(long[] owned) {
    this.limbs = owned;
  }

  static Fr copyOf(long[] source, int offset) {
    return new Fr(Arrays.copyOfRange(source, offset, offset + FrLimbs.LIMBS));
  }

  /** The element of an integer, negative ones included. */
  public static Fr of(long value) {
    return value >= 0 ? ofUnsigned(value) : ofUnsigned(-value).negate();
  }

  private static Fr ofUnsigned(long value) {
    if (value < 0) {
      return reduce(BigInteger.valueOf(value).negate()); // 2^63, whose negative is a long
    }
    long[] limbs = new long[FrLimbs.LIMBS];
    FrLimbs.fromLong(value, limbs, 0);
    return new Fr(limbs);
  }

  /** The element of an integer modulo r. */
  public static Fr reduce(BigInteger value) {
    long[] limbs = new long[FrLimbs.LIMBS];
    FrLimbs.fromBigInteger(value, limbs, 0);
    return new Fr(limbs);
  }

  /**
   * Reads 32 big-endian bytes.
   *
   * @throws MalformedMessageException if there are not 32, or the integer is not below the modulus
   */
  public static Fr decode(byte[] bytes, String field) throws MalformedMessageException {
    if (bytes.length != BYTES) {
      throw new MalformedMessageException(field, 0, "needs 32 bytes, has " + bytes.length);
    }
    BigInteger value = new BigInteger(1, bytes);
    if (value.compareTo(MODULUS) >= 0) {
      throw new MalformedMessageException(field, 0, "not below the modulus");
    }
    return reduce(value);
  }

  /** The canonical 32 big-endian bytes. */
  public byte[] encode() {
    byte[] little = toLittleEndian();
    byte[] big = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      big[i] = little[BYTES - 1 - i];
    }
    return big;
  }

  byte[] toLittleEndian() {
    byte[] bytes = new byte[BYTES];
    FrLimbs.writeLittleEndian(limbs, 0, bytes, 0, new long[FrLimbs.LIMBS]);
    return bytes;
  }

  /** Sum. */
  public Fr add(Fr other) {
    long[] out = new long[FrLimbs.LIMBS];
    FrLimbs.add(limbs, 0, other.limbs, 0, out, 0);
    return new Fr(out);
  }

  /** Difference. */
  public Fr subtract(Fr other) {
    long[] out = new long[FrLimbs.LIMBS];
    FrLimbs.sub(limbs, 0, other.limbs, 0, out, 0);
    return new Fr(out);
  }

  /** Product. */
  public Fr multiply(Fr other) {
    long[] out = new long[FrLimbs.LIMBS];
    FrLimbs.mul(limbs, 0, other.limbs, 0, out, 0);
    return new Fr(out);
  }

  /** The additive inverse. */
  public Fr negate() {
    return ZERO.subtract(this);
  }

  /**
   * The multiplicative inverse.
   *
   * @throws ArithmeticException for zero
   */
  public Fr invert() {
    return reduce(toBigInteger().modInverse(MODULUS));
  }

  /** A power; the exponent is at least 0. */
  public Fr power(BigInteger exponent) {
    return reduce(toBigInteger().modPow(exponent, MODULUS));
  }

  /** Whether this is zero. */
  public boolean isZero() {
    return FrLimbs.isZero(limbs, 0);
  }

  /** The canonical integer, 0 to r − 1. */
  public BigInteger toBigInteger() {
    return FrLimbs.toBigInteger(limbs, 0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fr that && Arrays.equals(limbs, that.limbs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(limbs);
  }

  @Override
  public String toString() {
    return toBigInteger().toString();
  }
}
