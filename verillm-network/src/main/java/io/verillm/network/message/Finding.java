package io.verillm.network.message;

import io.verillm.core.trace.TraceHead;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.VerifyingKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a committee member found, fixed before anybody knows which rows will be compared.
 *
 * @param head head of the member's own trace of the re-execution
 * @param vote what it says
 * @param verdict id of its signed verdict, or of what else it rests on
 * @param salt 32 random bytes; a vote is two bits and could be guessed without them
 */
public record Finding(TraceHead head, Vote vote, Digest32 verdict, Digest32 salt) {
  private static final byte[] TAG = "verillm/commitment/v1".getBytes(StandardCharsets.US_ASCII);

  /** Refuses nulls. */
  public Finding {
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(vote, "vote");
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(salt, "salt");
  }

  /**
   * The commitment of {@code member} to this finding: SHA-256(tag ‖ job ‖ round u32 ‖ member ‖
   * finding). It names the member, so nobody can open a copy of it.
   */
  public Digest32 commitment(Digest32 job, int round, VerifyingKey member) {
    CborWriter out = new CborWriter();
    encode(out);
    return Digest32.sha256(
        TAG,
        job.toByteArray(),
        ByteBuffer.allocate(4).putInt(round).array(),
        member.toByteArray(),
        out.toByteArray());
  }

  void encode(CborWriter out) {
    out.array(5).digest(head.root()).unsigned(head.leafCount());
    out.unsigned(vote.code()).digest(verdict).digest(salt);
  }

  static Finding decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("finding", 5);
    Digest32 root = in.digest("finding.root");
    long leaves = in.unsigned("finding.leaves", TraceHead.MAX_LEAVES);
    if (leaves == 0) {
      throw in.malformed("finding.leaves", "a log has a leaf 0");
    }
    long code = in.unsigned("finding.vote", Vote.values().length - 1L);
    Vote vote = Vote.ofCode(code).orElseThrow(() -> in.malformed("finding.vote", "unknown"));
    Digest32 verdict = in.digest("finding.verdict");
    return new Finding(new TraceHead(root, leaves), vote, verdict, in.digest("finding.salt"));
  }
}
