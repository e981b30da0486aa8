package io.verillm.testkit;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Arrays;

/** Copies of signed messages with one bit changed, left broken or signed again. */
public final class FlippedByte {
  private FlippedByte() {}

  /** Flips the lowest bit of one byte; negative offsets count from the end. */
  public static byte[] at(byte[] bytes, int offset) {
    byte[] copy = bytes.clone();
    copy[offset < 0 ? copy.length + offset : offset] ^= 1;
    return copy;
  }

  /**
   * Flips the byte in the middle of {@code part} where it stands in a message's payload, and signs
   * the changed payload: what a prover can do that wants to deny what it committed to.
   *
   * @throws IllegalArgumentException if the payload does not hold {@code part}
   */
  public static byte[] resigned(byte[] message, byte[] part, SigningKey key, String networkId)
      throws MalformedMessageException {
    SignedMessage original = SignedMessage.decode(message);
    byte[] payload = original.payload();
    int start = indexOf(payload, part);
    if (start < 0) {
      throw new IllegalArgumentException("the payload does not hold that part");
    }
    return SignedMessage.sign(key, original.type(), at(payload, start + part.length / 2), networkId)
        .encode();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int start = 0; start + part.length <= bytes.length; start++) {
      if (Arrays.equals(bytes, start, start + part.length, part, 0, part.length)) {
        return start;
      }
    }
    return -1;
  }
}
