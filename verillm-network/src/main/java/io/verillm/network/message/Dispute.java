package io.verillm.network.message;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * Asks for the second, larger committee, once per job. The bond comes back if the dispute succeeds.
 *
 * @param job the job
 */
public record Dispute(Digest32 job) {
  /** Refuses null. */
  public Dispute {
    Objects.requireNonNull(job, "job");
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.aboutJob(job);
  }

  /** Reads a payload. */
  public static Dispute decode(byte[] payload) throws MalformedMessageException {
    return new Dispute(Payloads.job(payload, "dispute"));
  }

  /** Signs the dispute as prover or client. */
  public SignedMessage sign(SigningKey party, String networkId) {
    return SignedMessage.sign(party, MessageType.DISPUTE, encode(), networkId);
  }
}
