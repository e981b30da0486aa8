package io.verillm.incentives.money;

import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The name under which a settlement happens at most once.
 *
 * <p>Two parties that settle the same event derive the same id, so a repeated message cannot pay
 * twice.
 *
 * @param digest SHA-256 of purpose and subjects
 */
public record SettlementId(Digest32 digest) {
  private static final byte[] TAG = "verillm-settlement-v1".getBytes(StandardCharsets.US_ASCII);

  /**
   * Derives the id of the event {@code purpose} about {@code subjects}, usually message ids, in the
   * order given. Lengths are hashed too, so that no two events share an id by shifting bytes
   * between purpose and subjects.
   */
  public static SettlementId of(String purpose, Digest32... subjects) {
    byte[] text = purpose.getBytes(StandardCharsets.UTF_8);
    MessageDigest hash = Digest32.newSha256();
    hash.update(TAG);
    hash.update(ByteBuffer.allocate(8).putInt(text.length).putInt(subjects.length).array());
    hash.update(text);
    for (Digest32 subject : subjects) {
      hash.update(subject.toByteArray());
    }
    return new SettlementId(Digest32.copyOf(hash.digest()));
  }

  @Override
  public String toString() {
    return digest.shortHex();
  }
}
