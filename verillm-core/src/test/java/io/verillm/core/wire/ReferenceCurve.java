package io.verillm.core.wire;

import java.math.BigInteger;

/** edwards25519 by its definition, RFC 8032 section 5.1: affine coordinates and BigInteger. */
final class ReferenceCurve {
  static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  static final BigInteger L =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);

  private ReferenceCurve() {}

  record Point(BigInteger x, BigInteger y) {
    static final Point IDENTITY = new Point(BigInteger.ZERO, BigInteger.ONE);

    Point plus(Point that) {
      BigInteger product = D.multiply(x).multiply(that.x).multiply(y).multiply(that.y).mod(P);
      BigInteger newX =
          x.multiply(that.y)
              .add(that.x.multiply(y))
              .multiply(BigInteger.ONE.add(product).modInverse(P))
              .mod(P);
      BigInteger newY =
          y.multiply(that.y)
              .add(x.multiply(that.x))
              .multiply(BigInteger.ONE.subtract(product).modInverse(P))
              .mod(P);
      return new Point(newX, newY);
    }

    Point times(BigInteger scalar) {
      Point sum = IDENTITY;
      for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
        sum = sum.plus(sum);
        if (scalar.testBit(bit)) {
          sum = sum.plus(this);
        }
      }
      return sum;
    }

    byte[] encode() {
      byte[] out = littleEndian(y);
      out[31] |= (byte) (x.testBit(0) ? 0x80 : 0);
      return out;
    }
  }

  /** The base point from RFC 8032 table 1. */
  static final Point BASE =
      new Point(
          new BigInteger(
              "15112221349535400772501151409588531511454012693041857206046113283949847762202"),
          new BigInteger(
              "46316835694926478169428394003475163141307993866256225615783033603165251855960"));

  static byte[] littleEndian(BigInteger value) {
    byte[] big = value.toByteArray();
    byte[] out = new byte[32];
    for (int i = 0; i < big.length && i < 32; i++) {
      out[i] = big[big.length - 1 - i];
    }
    return out;
  }

  static BigInteger number(byte[] littleEndian) {
    byte[] big = new byte[littleEndian.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = littleEndian[big.length - 1 - i];
    }
    return new BigInteger(1, big);
  }
}
