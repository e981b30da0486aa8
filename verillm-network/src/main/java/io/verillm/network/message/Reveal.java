package io.verillm.network.message;

import io.verillm.core.trace.TraceOpening;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;
import java.util.Optional;

/**
 * Opens a commitment, and shows the challenged rows of the member's own trace.
 *
 * @param job the job
 * @param round the committee, from 1
 * @param finding what was committed to
 * @param fragments rows of the trace under {@code finding.head()}; empty where the protocol asks
 *     for no rows
 */
public record Reveal(Digest32 job, int round, Finding finding, Optional<TraceOpening> fragments) {
  /** Checks the round. */
  public Reveal {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(finding, "finding");
    Objects.requireNonNull(fragments, "fragments");
    if (round < 1 || round > Commitment.MAX_ROUND) {
      throw new IllegalArgumentException("round " + round);
    }
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = Payloads.write(fragments.isPresent() ? 5 : 4);
    out.unsigned(2).digest(job).unsigned(3).unsigned(round).unsigned(4);
    finding.encode(out);
    fragments.ifPresent(rows -> out.unsigned(5).bytes(rows.encode()));
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static Reveal decode(byte[] payload) throws MalformedMessageException {
    CborReader probe = CborReader.of(payload);
    int entries = probe.map("reveal", 5);
    CborReader in = Payloads.read(payload, "reveal", Math.max(4, entries));
    in.key("reveal.job", 2);
    Digest32 job = in.digest("reveal.job");
    in.key("reveal.round", 3);
    int round = Commitment.round(in, "reveal.round");
    in.key("reveal.finding", 4);
    Finding finding = Finding.decode(in);
    Optional<TraceOpening> fragments = Optional.empty();
    if (entries == 5) {
      in.key("reveal.fragments", 5);
      fragments =
          Optional.of(
              TraceOpening.decode(in.bytes("reveal.fragments", payload.length), payload.length));
    }
    in.end();
    return new Reveal(job, round, finding, fragments);
  }

  /** Signs the reveal as a member. */
  public SignedMessage sign(SigningKey member, String networkId) {
    return SignedMessage.sign(member, MessageType.REVEAL, encode(), networkId);
  }
}
