package io.verillm.network.message;

import io.verillm.core.trace.TraceOpening;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * The prover opens the rows that a committee's challenge drew, under its receipt's head.
 *
 * @param job the job
 * @param round the committee, from 1
 * @param rows the rows with their paths; they disclose content
 */
public record Fragments(Digest32 job, int round, TraceOpening rows) {
  /** Checks the round. */
  public Fragments {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(rows, "rows");
    if (round < 1 || round > Commitment.MAX_ROUND) {
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
        .bytes(rows.encode())
        .toByteArray();
  }

  /** Reads a payload. */
  public static Fragments decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "fragments", 4);
    in.key("fragments.job", 2);
    Digest32 job = in.digest("fragments.job");
    in.key("fragments.round", 3);
    int round = Commitment.round(in, "fragments.round");
    in.key("fragments.rows", 4);
    TraceOpening rows =
        TraceOpening.decode(in.bytes("fragments.rows", payload.length), payload.length);
    in.end();
    return new Fragments(job, round, rows);
  }

  /** Signs the rows as the prover. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.FRAGMENTS, encode(), networkId);
  }
}
