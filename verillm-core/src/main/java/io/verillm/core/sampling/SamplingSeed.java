package io.verillm.core.sampling;

import io.verillm.core.wire.Hkdf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The key of an answer's noise. Immutable, thread-safe.
 *
 * <p>It is derived from the ECVRF output of the prover's key on the order digest, so that neither
 * side can choose it: the eight bytes HKDF-SHA-256(output, empty salt, info {@value #INFO}) are two
 * little-endian words, key word 0 first. That an output belongs to an order is the VRF proof's to
 * show, not this class's.
 */
public final class SamplingSeed {
  /** What binds the derived bytes to this purpose. */
  public static final String INFO = "verillm/sampling-noise/v1";

  private final int key0;
  private final int key1;

  private SamplingSeed(int key0, int key1) {
    this.key0 = key0;
    this.key1 = key1;
  }

  /**
   * Derives the key.
   *
   * @param vrfOutput 32 or 64 bytes
   * @throws IllegalArgumentException if it has another length
   */
  public static SamplingSeed derive(byte[] vrfOutput) {
    if (vrfOutput.length != 32 && vrfOutput.length != 64) {
      throw new IllegalArgumentException(
          "a VRF output has 32 or 64 bytes, this has " + vrfOutput.length);
    }
    byte[] key = Hkdf.derive(vrfOutput, new byte[0], INFO.getBytes(StandardCharsets.US_ASCII), 8);
    ByteBuffer words = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    return new SamplingSeed(words.getInt(), words.getInt());
  }

  /** Takes the Philox key as it is; for vectors and tests of other implementations. */
  public static SamplingSeed ofKey(int key0, int key1) {
    return new SamplingSeed(key0, key1);
  }

  int key0() {
    return key0;
  }

  int key1() {
    return key1;
  }
}
