package io.verillm.core.wire;

import com.google.errorprone.annotations.CheckReturnValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * An Ed25519 public key that names one party. Immutable, compared by content.
 *
 * <p>It proves nothing about who holds the private key.
 */
public final class VerifyingKey {
  /** Length of a key in bytes. */
  public static final int LENGTH = 32;

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_LENGTH = 64;

  private final byte[] encoded;
  private final EdwardsPoint point; // never modified

  private VerifyingKey(byte[] owned, EdwardsPoint point) {
    this.encoded = owned;
    this.point = point;
  }

  /**
   * Decodes a key strictly: 32 bytes, y below p, on the curve, not one of the eight points of small
   * order. Source: RFC 8032 section 5.1.3, RFC 9381 section 5.4.5.
   */
  public static VerifyingKey decode(byte[] encoded) throws MalformedMessageException {
    return decode(encoded, "key", 0);
  }

  static VerifyingKey decode(byte[] encoded, String field, long offset)
      throws MalformedMessageException {
    if (encoded.length != LENGTH) {
      throw new MalformedMessageException(
          field, offset, "a key needs 32 bytes, has " + encoded.length);
    }
    EdwardsPoint point = EdwardsPoint.decodeVar(encoded);
    if (point == null) {
      throw new MalformedMessageException(field, offset, "not the encoding of a curve point");
    }
    if (point.isSmallOrderVar()) {
      throw new MalformedMessageException(field, offset, "a point of small order is no key");
    }
    return new VerifyingKey(encoded.clone(), point);
  }

  /**
   * Whether {@code signature} is this key's signature of {@code message}.
   *
   * <p>Exactly: the signature is R ‖ S of 64 bytes, S is below L, and the canonical encoding of
   * [S]B − [k]A equals the bytes R, where k = SHA-512(R ‖ A ‖ message) mod L, and that point is not
   * of small order. This is the equation of RFC 8032 section 5.1.7 without the cofactor, so that
   * two verifiers cannot disagree and nobody but the signer can change an accepted signature.
   * Anything else is false; no exception says that a signature is wrong. Variable time: all inputs
   * are public.
   */
  @CheckReturnValue
  public boolean verify(byte[] message, byte[] signature) {
    Objects.requireNonNull(message, "message");
    if (signature.length != SIGNATURE_LENGTH) {
      return false;
    }
    byte[] r = Arrays.copyOfRange(signature, 0, 32);
    byte[] s = Arrays.copyOfRange(signature, 32, 64);
    if (!Scalar25519.isCanonical(s)) {
      return false;
    }
    byte[] k = Scalar25519.reduce(sha512(r, encoded, message));
    EdwardsPoint expected =
        EdwardsPoint.sumVar(
            EdwardsPoint.Term.ofBaseVar(s), EdwardsPoint.Term.ofVar(k, point.negated()));
    return Arrays.equals(expected.encode(), r) && !expected.isSmallOrderVar();
  }

  EdwardsPoint point() {
    return point;
  }

  static byte[] sha512(byte[]... parts) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java platform lacks SHA-512", e);
    }
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  /** Returns a copy of the 32 bytes. */
  public byte[] toByteArray() {
    return encoded.clone();
  }

  /** Returns the first eight hexadecimal digits, for people; different keys may share them. */
  public String shortHex() {
    return HexFormat.of().formatHex(encoded, 0, 4);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifyingKey that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  /** All 64 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(encoded);
  }
}
