package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * A committee member's hidden finding.
 *
 * @param job the job
 * @param round the committee, from 1
 * @param commitment {@link Finding#commitment}
 */
public record Commitment(Digest32 job, int round, Digest32 commitment) {
  /** Largest round number. */
  public static final int MAX_ROUND = 1_000_000;

  /** Checks the round. */
  public Commitment {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(commitment, "commitment");
    if (round < 1 || round > MAX_ROUND) {
      throw new IllegalArgumentException("round " + round);
    }
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.write(4)
        .unsigned(2)
        .digest(job)
        .unsigned(3)
        .unsigned(round)
        .unsigned(4)
        .digest(commitment)
        .toByteArray();
  }

  /** Reads a payload. */
  public static Commitment decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "commitment", 4);
    in.key("commitment.job", 2);
    Digest32 job = in.digest("commitment.job");
    in.key("commitment.round", 3);
    int round = round(in, "commitment.round");
    in.key("commitment.commitment", 4);
    Digest32 commitment = in.digest("commitment.commitment");
    in.end();
    return new Commitment(job, round, commitment);
  }

  static int round(CborReader in, String field) throws MalformedMessageException {
    long round = in.unsigned(field, MAX_ROUND);
    if (round == 0) {
      throw in.malformed(field, "rounds count from 1");
    }
    return (int) round;
  }

  /** Signs the commitment as a member. */
  public SignedMessage sign(SigningKey member, String networkId) {
    return SignedMessage.sign(member, MessageType.COMMITMENT, encode(), networkId);
  }
}
