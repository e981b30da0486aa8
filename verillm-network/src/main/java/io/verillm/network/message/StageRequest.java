package io.verillm.network.message;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * The client of a job asks for staged verification of its answer.
 *
 * @param job the job
 */
public record StageRequest(Digest32 job) {
  /** Refuses null. */
  public StageRequest {
    Objects.requireNonNull(job, "job");
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.aboutJob(job);
  }

  /** Reads a payload. */
  public static StageRequest decode(byte[] payload) throws MalformedMessageException {
    return new StageRequest(Payloads.job(payload, "stage-request"));
  }

  /** Signs the request as the client. */
  public SignedMessage sign(SigningKey client, String networkId) {
    return SignedMessage.sign(client, MessageType.STAGE_REQUEST, encode(), networkId);
  }
}
