package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Arrays;
import java.util.Objects;

/**
 * Says that an answer is wrong and puts a bond on it. Compared by content.
 *
 * <p>What it says is nobody's word: an {@code Adjudicator} computes again what the evidence points
 * to.
 */
public final class Objection {
  /** Most bytes of evidence. */
  public static final int MAX_EVIDENCE = 32 << 20;

  private final Digest32 job;
  private final byte[] evidence;

  /**
   * Makes an objection.
   *
   * @param evidence for the adjudicator of the job, in its own encoding; may be empty where the
   *     opened rows say enough
   */
  public Objection(Digest32 job, byte[] evidence) {
    this.job = Objects.requireNonNull(job, "job");
    if (evidence.length > MAX_EVIDENCE) {
      throw new IllegalArgumentException(evidence.length + " bytes of evidence");
    }
    this.evidence = evidence.clone();
  }

  /** The job. */
  public Digest32 job() {
    return job;
  }

  /** A copy of the evidence. */
  public byte[] evidence() {
    return evidence.clone();
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.write(3).unsigned(2).digest(job).unsigned(3).bytes(evidence).toByteArray();
  }

  /** Reads a payload. */
  public static Objection decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "objection", 3);
    in.key("objection.job", 2);
    Digest32 job = in.digest("objection.job");
    in.key("objection.evidence", 3);
    byte[] evidence = in.bytes("objection.evidence", MAX_EVIDENCE);
    in.end();
    return new Objection(job, evidence);
  }

  /** Signs the objection. */
  public SignedMessage sign(SigningKey objector, String networkId) {
    return SignedMessage.sign(objector, MessageType.OBJECTION, encode(), networkId);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Objection that
        && job.equals(that.job)
        && Arrays.equals(evidence, that.evidence);
  }

  @Override
  public int hashCode() {
    return 31 * job.hashCode() + Arrays.hashCode(evidence);
  }
}
