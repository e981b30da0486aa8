package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.Digest32;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Hashing bytes to field elements by {@code expand_message_xmd} with SHA-256 (RFC 9380 sections 5.2
 * and 5.3.1). Exact; thread-safe.
 */
public final class HashToField {
  private static final int BLOCK_BYTES = 64;

  /** Bytes per element: ⌈(255 + 128) / 8⌉, so that the bias is below 2^-128. */
  private static final int ELEMENT_BYTES = 48;

  private HashToField() {}

  /**
   * One element of the scalar field.
   *
   * @param tag domain separation tag, 1 to 255 ASCII characters
   */
  public static Fr scalar(String tag, byte[] message) {
    return Fr.reduce(element(Fr.MODULUS, ELEMENT_BYTES, tag, message, 1)[0]);
  }

  /**
   * {@code hash_to_field} for a prime field: {@code count} elements of {@code width} bytes each.
   */
  static BigInteger[] element(
      BigInteger modulus, int width, String tag, byte[] message, int count) {
    byte[] bytes = expand(message, tag, count * width);
    BigInteger[] out = new BigInteger[count];
    for (int i = 0; i < count; i++) {
      out[i] = new BigInteger(1, bytes, i * width, width).mod(modulus);
    }
    return out;
  }

  /** {@code expand_message_xmd}; {@code length} up to 255 · 32. */
  static byte[] expand(byte[] message, String tag, int length) {
    byte[] name = tag.getBytes(StandardCharsets.US_ASCII);
    int blocks = (length + Digest32.LENGTH - 1) / Digest32.LENGTH;
    if (name.length < 1 || name.length > 255 || length < 1 || blocks > 255) {
      throw new IllegalArgumentException("tag of " + name.length + ", output of " + length);
    }
    MessageDigest sha256 = Digest32.newSha256();
    sha256.update(new byte[BLOCK_BYTES]);
    sha256.update(message);
    sha256.update((byte) (length >>> 8));
    sha256.update((byte) length);
    sha256.update((byte) 0);
    byte[] first = finish(sha256, name);
    byte[] out = new byte[length];
    byte[] previous = new byte[Digest32.LENGTH];
    for (int block = 1; block <= blocks; block++) {
      for (int i = 0; i < previous.length; i++) {
        previous[i] ^= first[i];
      }
      sha256.update(previous);
      sha256.update((byte) block);
      previous = finish(sha256, name);
      int at = (block - 1) * Digest32.LENGTH;
      System.arraycopy(previous, 0, out, at, Math.min(Digest32.LENGTH, length - at));
    }
    return out;
  }

  private static byte[] finish(MessageDigest sha256, byte[] name) {
    sha256.update(name);
    sha256.update((byte) name.length);
    return sha256.digest();
  }
}
