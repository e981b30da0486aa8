package io.verillm.network.beacon;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * Checks BLS signatures over BLS12-381 with keys in G2 and signatures in G1, messages hashed to G1
 * with the suite {@code BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_} (RFC 9380).
 *
 * <p>Every implementation accepts exactly the same: 96 and 48 bytes in the compressed encoding,
 * canonical, on the curve, in the subgroup, neither of them the point at infinity, and the pairing
 * equation. Anything else is false; an exception means that the check could not be made.
 * Thread-safe.
 */
@CheckReturnValue
public interface BlsVerifier {
  /** Bytes of a key. */
  int KEY_BYTES = 96;

  /** Bytes of a signature. */
  int SIGNATURE_BYTES = 48;

  /** The suite of RFC 9380 and the signature draft, used as the domain separation tag. */
  String SUITE = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

  /** Which implementation it is. */
  String name();

  /** Whether {@code signature} is the key's signature of {@code message}. */
  boolean verify(byte[] key, byte[] message, byte[] signature);

  /**
   * Whether the lengths are right, both encodings are compressed, and neither is the point at
   * infinity: what can be seen before any arithmetic.
   */
  static boolean isWellFormed(byte[] key, byte[] signature) {
    return key.length == KEY_BYTES
        && signature.length == SIGNATURE_BYTES
        && isCompressedFinite(key[0])
        && isCompressedFinite(signature[0]);
  }

  private static boolean isCompressedFinite(byte first) {
    return (first & 0xC0) == 0x80;
  }
}
