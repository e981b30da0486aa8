package io.verillm.tensorcommit.curve;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A point of the first group of BLS12-381, compared by content. Immutable.
 *
 * <p>An instance exists only if the point is on the curve and in the subgroup of order r: decoding
 * checks both, and arithmetic stays inside. Make one with {@link CurveBackend#decodeG1}.
 */
public final class G1Point {
  /** Bytes of the compressed form. */
  public static final int BYTES = 48;

  /** Bytes of the affine form. */
  static final int AFFINE_BYTES = 96;

  /** The neutral element. */
  public static final G1Point INFINITY = infinity();

  /** The standard generator. */
  public static final G1Point GENERATOR =
      new G1Point(
          HexFormat.of()
              .parseHex(
                  "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
                      + "6c55e83ff97a1aeffb3af00adb22c6bb"
                      + "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3ed"
                      + "d03cc744a2888ae40caa232946c5e7e1"));

  /** x ‖ y, big-endian, without flags; infinity is 0x40 and zeros. */
  private final byte[] affine;

  private G1Point(byte[] owned) {
    this.affine = owned;
  }

  /** Trusts its caller to have checked the point. */
  static G1Point ofTrusted(byte[] affineBytes) {
    if (affineBytes.length != AFFINE_BYTES) {
      throw new IllegalArgumentException("affine point of " + affineBytes.length + " bytes");
    }
    return new G1Point(affineBytes.clone());
  }

  private static G1Point infinity() {
    byte[] bytes = new byte[AFFINE_BYTES];
    bytes[0] = 0x40;
    return new G1Point(bytes);
  }

  /** Whether this is the neutral element. */
  public boolean isInfinity() {
    return (affine[0] & 0x40) != 0;
  }

  /** The common compressed form: x big-endian, flags in the three highest bits. */
  public byte[] encode() {
    byte[] out = Arrays.copyOf(affine, BYTES);
    out[0] |= (byte) 0x80;
    if (!isInfinity() && PointBytes.isUpperHalf(affine, BYTES)) {
      out[0] |= 0x20;
    }
    return out;
  }

  /** x ‖ y without a copy; not to be changed. */
  byte[] affine() {
    return affine;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G1Point that && Arrays.equals(affine, that.affine);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(affine);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(encode());
  }
}
