package io.verillm.core.trace;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Positions that are in the log and whose rows still lie where the engine keeps them: committing
 * takes one call of {@link CommitKernels}, and only roots come back. After a failure nothing is
 * read any more and every call fails: a receipt for such a trace could not be opened. Belongs to
 * one thread.
 */
final class InPlaceLog {
  /** Positions whose rows are fetched together. */
  private static final int FETCHED_AT_ONCE = 64;

  private final TraceLayout layout;
  private final PositionLog log;
  private final TraceSalts salts;
  private final CommitKernels kernels;
  private final List<PositionEntry> unfetched = new ArrayList<>();
  private List<BufferView> views = List.of();
  private @Nullable Throwable failure;

  InPlaceLog(TraceLayout layout, PositionLog log, TraceSalts salts, CommitKernels kernels) {
    this.layout = layout;
    this.log = log;
    this.salts = salts;
    this.kernels = kernels;
  }

  /**
   * Commits the next positions.
   *
   * @param rows one view per row of the layout, over the whole sequence
   */
  void commit(int firstPosition, int[] tokenIds, List<BufferView> rows) {
    if (!rows.equals(views)) {
      fetch(); // from the views that they were committed in
    }
    requireUsable();
    try {
      views = List.copyOf(rows);
      commitNext(firstPosition, tokenIds);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
  }

  private void commitNext(int firstPosition, int[] tokenIds) {
    int perToken = layout.leavesPerToken();
    byte[] saltBytes =
        new byte[Math.multiplyExact(tokenIds.length, perToken * ChunkLeaf.SALT_BYTES)];
    salts.fill((long) firstPosition * perToken, tokenIds.length * perToken, saltBytes, 0);
    List<BufferView> parts =
        views.stream().map(view -> view.range(firstPosition, tokenIds.length)).toList();
    List<Digest32> roots = kernels.commitRows(layout, firstPosition, parts, saltBytes);
    for (int i = 0; i < tokenIds.length; i++) {
      PositionEntry entry =
          new PositionEntry(firstPosition + i, tokenIds[i], roots.get(i), /* loaded= */ false);
      log.append(entry);
      unfetched.add(entry);
    }
  }

  /** Copies all rows that are committed and not kept yet into the store. */
  void fetch() {
    requireUsable();
    try {
      for (int from = 0; from < unfetched.size(); from += FETCHED_AT_ONCE) {
        fetch(unfetched.subList(from, Math.min(unfetched.size(), from + FETCHED_AT_ONCE)));
      }
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
    unfetched.clear();
    views = List.of();
  }

  /** Fails as every call after a failure does. */
  void requireUsable() {
    Throwable seen = failure;
    if (seen != null) {
      throw new UncheckedIOException(new IOException("the trace could not be kept: " + seen, seen));
    }
  }

  private void fetch(List<PositionEntry> entries) {
    int[] indices = entries.stream().mapToInt(PositionEntry::position).toArray();
    List<byte[]> columns = new ArrayList<>();
    for (BufferView view : views) {
      columns.add(kernels.gatherRows(view, indices));
    }
    byte[] token = new byte[layout.bytesPerToken()];
    for (int i = 0; i < indices.length; i++) {
      for (TraceLayout.Row row : layout.rows()) {
        System.arraycopy(
            columns.get(row.index()), i * row.rowBytes(), token, row.byteOffset(), row.rowBytes());
      }
      log.keepRows(entries.get(i), ByteBuffer.wrap(token).asReadOnlyBuffer());
    }
  }
}
