package io.verillm.core.trace;

import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;

/**
 * Names one trace by what it answers and whose it is, so that no trace can be replayed for another
 * order, party, role or profile.
 *
 * @param digest {@link #compute}'s result
 */
public record TraceId(Digest32 digest) {
  private static final String TAG = "verillm trace id v1";

  /**
   * SHA-256 of the CBOR array {@code [tag, order digest, party key, role, profile digest]}.
   *
   * @param partyKey the party's public signing key, 32 bytes
   * @throws IllegalArgumentException if the key is not 32 bytes long
   */
  public static TraceId compute(
      Digest32 orderDigest, byte[] partyKey, TraceRole role, Digest32 profileDigest) {
    if (partyKey.length != 32) {
      throw new IllegalArgumentException("a key needs 32 bytes, got " + partyKey.length);
    }
    byte[] input =
        new CborWriter()
            .array(5)
            .text(TAG)
            .digest(orderDigest)
            .bytes(partyKey)
            .unsigned(role.code())
            .digest(profileDigest)
            .toByteArray();
    return new TraceId(Digest32.sha256(input));
  }
}
