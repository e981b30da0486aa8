package io.verillm.core.trace;

import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hashes complete positions, keeps them in the store and appends them to the trace log. One thread
 * at a time.
 */
final class PositionLog {
  private final TraceStore store;
  private final TokenHasher hasher;
  private final MerkleTree log = new MerkleTree();
  private long announcedLeaves = 1;
  private int headEvery;
  private @Nullable HeadListener headListener;

  PositionLog(TraceLayout layout, TraceId id, JobSecret secret, TraceStore store) {
    this.store = store;
    this.hasher = new TokenHasher(layout, new TraceSalts(secret, id));
    try {
      store.begin(id, layout, secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    log.append(TraceLog.leafZeroHash(id));
  }

  void onHead(int everyPositions, HeadListener listener) {
    headEvery = everyPositions;
    headListener = listener;
  }

  /** Whether somebody wants a head that ends with this position. */
  boolean givesHeadAfter(int position) {
    return headListener != null && (position + 1) % headEvery == 0;
  }

  /**
   * Keeps the next position.
   *
   * @param rows its rows, null if it has none
   */
  void keep(int position, int tokenId, @Nullable TokenRows rows, boolean loaded) {
    Digest32 root = rows == null ? null : hasher.root(position, rows.view());
    PositionEntry entry = new PositionEntry(position, tokenId, root, loaded);
    store(entry, rows == null ? null : rows.view());
    append(entry);
  }

  /**
   * Keeps the rows of a position that is in the log already. They are hashed again: rows that are
   * not the committed ones could never be opened, and nobody would know whose fault that is.
   *
   * @throws UncheckedIOException if they are others, or the store fails
   */
  void keepRows(PositionEntry entry, ByteBuffer rows) {
    if (!Objects.equals(hasher.root(entry.position(), rows), entry.tokenRoot())) {
      throw new UncheckedIOException(
          new IOException(
              "the rows of position "
                  + entry.position()
                  + " are not those that were committed; the engine changed them in place"));
    }
    store(entry, rows);
  }

  private void store(PositionEntry entry, @Nullable ByteBuffer rows) {
    try {
      store.append(entry, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes the next position into the log. */
  void append(PositionEntry entry) {
    log.append(entry.leafHash());
    HeadListener listener = headListener;
    if (listener != null && givesHeadAfter(entry.position())) {
      ConsistencyProof sincePrevious = since(announcedLeaves);
      announcedLeaves = log.size();
      listener.head(head(), sincePrevious);
    }
  }

  TraceHead head() {
    return new TraceHead(log.root(), log.size());
  }

  ConsistencyProof since(long oldLeafCount) {
    return log.consistency(oldLeafCount, log.size());
  }
}
