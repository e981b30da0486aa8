package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * What every backend checks on the bytes of a compressed point before any arithmetic: length,
 * flags, infinity without stray bits, coordinates below p. One place, so that all refuse alike.
 */
final class PointBytes {
  private static final byte[] P = fixed(Fp.MODULUS);
  private static final byte[] HALF = fixed(Fp.MODULUS.shiftRight(1));

  private PointBytes() {}

  private static byte[] fixed(BigInteger value) {
    byte[] bytes = new byte[48];
    byte[] raw = value.toByteArray();
    int skip = Math.max(0, raw.length - 48);
    System.arraycopy(raw, skip, bytes, 48 - (raw.length - skip), raw.length - skip);
    return bytes;
  }

  /** Whether 48 big-endian bytes are above (p − 1) / 2. */
  static boolean isUpperHalf(byte[] bytes, int offset) {
    return Arrays.compareUnsigned(bytes, offset, offset + 48, HALF, 0, 48) > 0;
  }

  /**
   * Checks the form.
   *
   * @return whether the point is infinity
   */
  static boolean requireCompressed(byte[] bytes, int length, String field)
      throws MalformedMessageException {
    if (bytes.length != length) {
      throw new MalformedMessageException(
          field, 0, "a point needs " + length + " bytes, has " + bytes.length);
    }
    int flags = bytes[0] & 0xE0;
    if ((flags & 0x80) == 0) {
      throw new MalformedMessageException(field, 0, "not a compressed point");
    }
    if ((flags & 0x40) != 0) {
      boolean clean = bytes[0] == (byte) 0xC0;
      for (int i = 1; i < length; i++) {
        clean &= bytes[i] == 0;
      }
      if (!clean) {
        throw new MalformedMessageException(field, 0, "infinity with stray bits");
      }
      return true;
    }
    byte[] x = bytes.clone();
    x[0] &= 0x1F;
    if (length == G1Point.BYTES && Arrays.equals(x, new byte[length])) {
      throw notInSubgroup(field); // (0, ±2) has order 3; blst calls it off the curve
    }
    for (int at = 0; at < length; at += 48) {
      if (Arrays.compareUnsigned(x, at, at + 48, P, 0, 48) >= 0) {
        throw new MalformedMessageException(field, at, "coordinate not below p");
      }
    }
    return false;
  }

  static MalformedMessageException notOnCurve(String field) {
    return new MalformedMessageException(field, 0, "not on the curve");
  }

  static MalformedMessageException notInSubgroup(String field) {
    return new MalformedMessageException(field, 0, "not in the subgroup of order r");
  }
}
