package io.verillm.network.message;

import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * Shows a published round of randomness to a job. Who signs it does not matter: the round is fixed
 * by the schedule and its value by its own proof.
 *
 * @param job the job
 * @param value the round with its proof
 */
public record Randomness(Digest32 job, RandomnessValue value) {
  /** Refuses nulls. */
  public Randomness {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(value, "value");
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.write(3)
        .unsigned(2)
        .digest(job)
        .unsigned(3)
        .array(3)
        .digest(value.source())
        .unsigned(value.round())
        .bytes(value.proof())
        .toByteArray();
  }

  /** Reads a payload. */
  public static Randomness decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "randomness", 3);
    in.key("randomness.job", 2);
    Digest32 job = in.digest("randomness.job");
    in.key("randomness.value", 3);
    in.arrayOf("randomness.value", 3);
    Digest32 source = in.digest("randomness.source");
    long round = in.unsigned("randomness.round");
    byte[] proof = in.bytes("randomness.proof", 1024);
    in.end();
    return new Randomness(job, new RandomnessValue(source, round, proof));
  }

  /** Signs the message; any key will do. */
  public SignedMessage sign(SigningKey sender, String networkId) {
    return SignedMessage.sign(sender, MessageType.RANDOMNESS, encode(), networkId);
  }
}
