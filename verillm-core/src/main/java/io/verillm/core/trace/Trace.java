package io.verillm.core.trace;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.MerkleTree;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Everything a prover keeps about one answer: token ids, rows, and the secret behind the salts. It
 * discloses the whole job; what leaves the prover is a {@link TraceOpening}. Thread-safe for
 * reading.
 */
public interface Trace {
  /** The trace's name. */
  TraceId id();

  /** The rows of every token. */
  TraceLayout layout();

  /** The secret behind the salts. */
  JobSecret secret();

  /** Number of positions. */
  int positions();

  /**
   * What the log says about a position.
   *
   * @throws IndexOutOfBoundsException if there is no such position
   */
  PositionEntry entry(int position);

  /**
   * All rows of a position in layout order, read-only.
   *
   * @throws IllegalArgumentException if the position has no rows
   */
  ByteBuffer rows(int position) throws IOException;

  /** One row, shape [width]. */
  default TensorView row(int position, int rowIndex) throws IOException {
    TraceLayout.Row row = layout().row(rowIndex);
    ByteBuffer all = rows(position);
    return TensorView.of(
        row.dtype(),
        Shape.of(row.width()),
        all.slice(all.position() + row.byteOffset(), row.rowBytes()));
  }

  /** The log over all positions, built anew by each call. */
  default MerkleTree log() {
    MerkleTree log = new MerkleTree();
    log.append(TraceLog.leafZeroHash(id()));
    for (int position = 0; position < positions(); position++) {
      log.append(entry(position).leafHash());
    }
    return log;
  }

  /** The state of the log over all positions. */
  default TraceHead head() {
    MerkleTree log = log();
    return new TraceHead(log.root(), log.size());
  }
}
