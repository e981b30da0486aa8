package io.verillm.network.message;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * A prover takes a job on its terms. Without it no deadline binds the prover: a client could write
 * terms that nobody can keep.
 *
 * @param job the job
 */
public record TermsAcceptance(Digest32 job) {
  /** Refuses null. */
  public TermsAcceptance {
    Objects.requireNonNull(job, "job");
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.aboutJob(job);
  }

  /** Reads a payload. */
  public static TermsAcceptance decode(byte[] payload) throws MalformedMessageException {
    return new TermsAcceptance(Payloads.job(payload, "acceptance"));
  }

  /** Signs the acceptance as the prover that the order names. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.TERMS_ACCEPTANCE, encode(), networkId);
  }
}
