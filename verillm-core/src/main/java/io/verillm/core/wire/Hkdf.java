package io.verillm.core.wire;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with HMAC-SHA-256: keys for several purposes from one secret. Source: RFC 5869. */
public final class Hkdf {
  /** Most bytes of one derivation. */
  public static final int MAX_LENGTH = 255 * 32;

  private Hkdf() {}

  /**
   * Extracts and expands. Equal arguments give equal bytes; it adds no entropy to a weak key.
   *
   * @param inputKey the secret
   * @param salt public, may be empty
   * @param info the purpose, may be empty
   * @param length 1 to 8160 bytes
   * @throws IllegalArgumentException if {@code length} is out of range
   */
  public static byte[] derive(byte[] inputKey, byte[] salt, byte[] info, int length) {
    if (length < 1 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("length must be 1 to " + MAX_LENGTH + ", is " + length);
    }
    // An empty salt means 32 zeros (section 2.2), and a MAC key of zeros is what HMAC pads it to.
    byte[] pseudoRandomKey = hmac(salt.length == 0 ? new byte[32] : salt).doFinal(inputKey);
    Mac mac = hmac(pseudoRandomKey);
    byte[] output = new byte[length];
    byte[] block = {};
    for (int done = 0, counter = 1; done < length; done += block.length, counter++) {
      mac.update(block);
      mac.update(info);
      block = mac.doFinal(new byte[] {(byte) counter});
      System.arraycopy(block, 0, output, done, Math.min(block.length, length - done));
    }
    Arrays.fill(pseudoRandomKey, (byte) 0);
    return output;
  }

  private static Mac hmac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must provide HmacSHA256", e);
    }
  }
}
