package io.verillm.tensorcommit.vector;

import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.HashToField;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What prover and verifier have said so far, from which challenges follow (Fiat and Shamir 1986).
 *
 * <p>Every item goes in with its label and both lengths, so no two sequences of items share bytes.
 * A session for one proof and one thread.
 */
public final class Transcript {
  private static final String TAG = "VERILLM-TENSOR-V1-CHALLENGE";

  private byte[] state;

  /** Starts with the name and version of the protocol. */
  public Transcript(String protocol) {
    this.state = Digest32.sha256(protocol.getBytes(StandardCharsets.UTF_8)).toByteArray();
  }

  /** Adds an item. */
  public void absorb(String label, byte[] content) {
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    MessageDigest sha256 = Digest32.newSha256();
    sha256.update(state);
    sha256.update(ByteBuffer.allocate(8).putLong(name.length).array());
    sha256.update(name);
    sha256.update(ByteBuffer.allocate(8).putLong(content.length).array());
    sha256.update(content);
    state = sha256.digest();
  }

  /** Adds a number. */
  public void absorb(String label, long number) {
    absorb(label, ByteBuffer.allocate(8).putLong(number).array());
  }

  /** Draws a challenge other than zero; what follows depends on its having been drawn. */
  public Fr challenge(String label) {
    Fr challenge;
    do {
      absorb(label, 0);
      challenge = HashToField.scalar(TAG, state);
    } while (challenge.isZero());
    return challenge;
  }
}
