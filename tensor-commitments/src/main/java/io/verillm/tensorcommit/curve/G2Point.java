package io.verillm.tensorcommit.curve;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A point of the second group of BLS12-381, compared by content. Immutable; checked like {@link
 * G1Point}.
 */
public final class G2Point {
  /** Bytes of the compressed form. */
  public static final int BYTES = 96;

  static final int AFFINE_BYTES = 192;

  /** The standard generator. */
  public static final G2Point GENERATOR =
      new G2Point(
          HexFormat.of()
              .parseHex(
                  "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
                      + "334cf11213945d57e5ac7d055d042b7e"
                      + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d177"
                      + "0bac0326a805bbefd48056c8c121bdb8"
                      + "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab"
                      + "3f370d275cec1da1aaa9075ff05f79be"
                      + "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c"
                      + "923ac9cc3baca289e193548608b82801"));

  /** x.c1 ‖ x.c0 ‖ y.c1 ‖ y.c0, big-endian; infinity is 0x40 and zeros. */
  private final byte[] affine;

  private G2Point(byte[] owned) {
    this.affine = owned;
  }

  static G2Point ofTrusted(byte[] affineBytes) {
    if (affineBytes.length != AFFINE_BYTES) {
      throw new IllegalArgumentException("affine point of " + affineBytes.length + " bytes");
    }
    return new G2Point(affineBytes.clone());
  }

  /** Whether this is the neutral element. */
  public boolean isInfinity() {
    return (affine[0] & 0x40) != 0;
  }

  /** The common compressed form. */
  public byte[] encode() {
    byte[] out = Arrays.copyOf(affine, BYTES);
    out[0] |= (byte) 0x80;
    if (!isInfinity()) {
      boolean imaginaryZero = true;
      for (int i = 96; i < 144; i++) {
        imaginaryZero &= affine[i] == 0;
      }
      if (PointBytes.isUpperHalf(affine, imaginaryZero ? 144 : 96)) {
        out[0] |= 0x20;
      }
    }
    return out;
  }

  byte[] affine() {
    return affine;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G2Point that && Arrays.equals(affine, that.affine);
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
