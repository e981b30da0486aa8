package io.verillm.core.trace;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Objects;

/**
 * The state of a trace log. A root alone does not bind the number of leaves; a head carries both,
 * and a signature over its payload binds them to a trace.
 *
 * @param root root of the log
 * @param leafCount leaves under it: one for leaf 0 and one per position, hence at least 1
 */
public record TraceHead(Digest32 root, long leafCount) {
  /** Most leaves: leaf 0 and one per position. */
  public static final long MAX_LEAVES = 1L << 31;

  /** Checks the range. */
  public TraceHead {
    Objects.requireNonNull(root, "root");
    if (leafCount < 1 || leafCount > MAX_LEAVES) {
      throw new IllegalArgumentException("a log has 1.." + MAX_LEAVES + " leaves: " + leafCount);
    }
  }

  /** Number of positions under this head. */
  public long positions() {
    return leafCount - 1;
  }

  /**
   * The payload that is signed as a head of a trace: CBOR map {1: trace id, 2: root, 3: leaves}.
   */
  public byte[] payload(TraceId id) {
    return new CborWriter()
        .map(3)
        .unsigned(1)
        .digest(id.digest())
        .unsigned(2)
        .digest(root)
        .unsigned(3)
        .unsigned(leafCount)
        .toByteArray();
  }

  /**
   * A head together with the trace that it belongs to, as it is signed.
   *
   * @param id the trace
   * @param head its state
   */
  public record Payload(TraceId id, TraceHead head) {
    /** Returns {@link TraceHead#payload}. */
    public byte[] encode() {
      return head.payload(id);
    }

    /**
     * Reads one payload and nothing else.
     *
     * @throws MalformedMessageException if the bytes are not exactly what {@link #encode} gives
     */
    public static Payload decode(byte[] bytes) throws MalformedMessageException {
      CborReader in = CborReader.of(bytes);
      in.mapOf("trace-head", 3);
      in.key("trace-head.trace-id", 1);
      TraceId id = new TraceId(in.digest("trace-head.trace-id"));
      in.key("trace-head.root", 2);
      Digest32 root = in.digest("trace-head.root");
      in.key("trace-head.leaves", 3);
      long start = in.offset();
      long leafCount = in.unsigned("trace-head.leaves", MAX_LEAVES);
      in.end();
      if (leafCount < 1) {
        throw new MalformedMessageException("trace-head.leaves", start, "a log has a leaf 0");
      }
      return new Payload(id, new TraceHead(root, leafCount));
    }
  }
}
