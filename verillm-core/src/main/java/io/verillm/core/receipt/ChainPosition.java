package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Objects;

/**
 * Where a receipt or a VOID stands in its node's chain.
 *
 * @param epoch epoch of the network, from 0
 * @param sequence the node's own running number, from 0; never used twice
 * @param previous digest of the receipt or VOID before it; 32 zero bytes for the first
 */
public record ChainPosition(long epoch, long sequence, Digest32 previous) {
  /** Stands before the first receipt of a node. */
  public static final Digest32 NONE = Digest32.copyOf(new byte[Digest32.LENGTH]);

  /** Refuses negative numbers. */
  public ChainPosition {
    Objects.requireNonNull(previous, "previous");
    if (epoch < 0 || sequence < 0) {
      throw new IllegalArgumentException("negative epoch or sequence number");
    }
  }

  void encode(CborWriter out) {
    out.array(3).unsigned(epoch).unsigned(sequence).digest(previous);
  }

  static ChainPosition decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("position", 3);
    long epoch = in.unsigned("position.epoch");
    long sequence = in.unsigned("position.sequence");
    return new ChainPosition(epoch, sequence, in.digest("position.previous"));
  }
}
