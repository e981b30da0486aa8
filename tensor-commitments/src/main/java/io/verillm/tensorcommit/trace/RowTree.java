package io.verillm.tensorcommit.trace;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TerkleTensors;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One tree over the rows of one kind at all positions of a trace, as a receipt carries it: the
 * tensor of shape [positions, 16-bit words of a row], under the trace's name and the row's key.
 * Thread-safe; a {@link Collector} is for one run.
 *
 * <p>The root binds the rows' bits. It does not prove that a model computed them.
 *
 * @param scheme takes tensors of rank 2 and 16-bit elements
 * @param key which row of every position
 */
public record RowTree(TensorCommitmentScheme scheme, RowKey key) {
  private static final byte[] TAG = "verillm trace rows v1".getBytes(StandardCharsets.US_ASCII);

  /** Refuses nulls. */
  public RowTree {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(key, "key");
  }

  /** A Terkle tree over the Ethereum ceremony: 16 positions by 256 words in a node. */
  public static RowTree terkle(KzgSetup setup, RowKey key) {
    return new RowTree(new TerkleTensors(setup.scheme(4096), 16, 256), key);
  }

  /** What a root is bound to: no root stands for another trace or for another row of it. */
  public Digest32 context(TraceId trace) {
    byte[] row =
        ByteBuffer.allocate(4)
            .put((byte) key.kind().code())
            .put((byte) key.hook().code())
            .putShort((short) key.layer())
            .array();
    return Digest32.sha256(TAG, trace.digest().toByteArray(), row);
  }

  /** The tensor's shape: that many positions, for rows of that many bytes. */
  public static Shape shape(int positions, int rowBytes) {
    return Shape.of(positions, (rowBytes + 1) / 2);
  }

  /**
   * Commits to the rows of a finished trace, to open what its receipt carries.
   *
   * @throws IllegalArgumentException if its profile does not have the row, or its first position
   *     has none
   */
  public CommittedTensor commit(Trace trace) throws IOException {
    int index =
        trace
            .layout()
            .indexOf(key)
            .orElseThrow(() -> new IllegalArgumentException("the trace has no " + key));
    Collector collector = collector();
    for (int position = 0; position < trace.positions(); position++) {
      if (trace.entry(position).tokenRoot() == null) {
        break;
      }
      TensorView row = trace.row(position, index);
      collector.accept(
          position, TensorView.of(row.dtype(), Shape.of(1, row.shape().elements()), row.bytes()));
    }
    return collector.commit(trace.id());
  }

  /** Starts to collect rows. */
  Collector collector() {
    return new Collector();
  }

  /** Rows of the positions so far. */
  final class Collector {
    private final ByteArrayOutputStream words = new ByteArrayOutputStream();
    private int positions;
    private int rowBytes;

    private Collector() {}

    boolean wants(RowKey row) {
      return row.equals(key);
    }

    void accept(int firstPosition, TensorView rows) {
      if (firstPosition != positions) {
        throw new IllegalStateException(
            "rows from position " + firstPosition + " on, " + positions + " are here");
      }
      int count = Math.toIntExact(rows.shape().dimension(0));
      for (int i = 0; i < count; i++) {
        ByteBuffer row = rows.row(i).bytes();
        rowBytes = row.remaining();
        words.writeBytes(RowCommitter.words(row));
      }
      positions += count;
    }

    CommittedTensor commit(TraceId trace) {
      if (positions == 0) {
        throw new IllegalArgumentException("no position has " + key);
      }
      return scheme.commit(
          TensorView.of(
              DType.U16, shape(positions, rowBytes), ByteBuffer.wrap(words.toByteArray())),
          context(trace));
    }
  }
}
