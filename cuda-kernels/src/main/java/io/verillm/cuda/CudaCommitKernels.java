package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.KernelArguments;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Token roots by one launch per call, or per {@value #COPIED_AT_ONCE} bytes of rows that have to be
 * copied to the device first. Rows that are on the device stay there; only roots come back. A call
 * returns when its roots are there, so rows need to live no longer than the call. Thread-safe.
 */
final class CudaCommitKernels implements CommitKernels, AutoCloseable {
  private static final int ROW_BYTES = 32;
  private static final long COPIED_AT_ONCE = 256 << 20;
  private static final int MAX_THREADS = 256;
  private static final int MIN_THREADS = 32;

  private final DeviceQueue queue;
  private final PackedInput input = new PackedInput();
  private final Scratch inputs;
  private final Scratch copied;
  private final Scratch groupRoots;
  private final Scratch finished;
  private final Scratch results;

  CudaCommitKernels(DeviceQueue queue) {
    this.queue = queue;
    this.inputs = new Scratch(queue, false);
    this.copied = new Scratch(queue, false);
    this.groupRoots = new Scratch(queue, false);
    this.finished = new Scratch(queue, true);
    this.results = new Scratch(queue, false);
  }

  @Override
  public List<Digest32> commitRows(
      TraceLayout layout, int firstPosition, List<BufferView> rows, byte[] salts) {
    int positions = KernelArguments.requireCommit(layout, firstPosition, rows, salts);
    return commit(layout, firstPosition, positions, rows, null, 1, null, salts);
  }

  @Override
  public List<Digest32> gatherAndHash(
      TraceLayout layout,
      int firstPosition,
      int positions,
      List<BufferView> pages,
      int[] blockTable,
      int positionsPerBlock,
      byte[] salts) {
    int[] slots =
        KernelArguments.requireGather(
            layout, firstPosition, positions, pages, blockTable, positionsPerBlock, salts);
    boolean onDevice = pages.stream().allMatch(page -> page.kind() == BufferView.Kind.DEVICE);
    if (onDevice) {
      return commit(
          layout, firstPosition, positions, pages, blockTable, positionsPerBlock, null, salts);
    }
    if (pages.stream().anyMatch(page -> page.kind() == BufferView.Kind.DEVICE)) {
      throw new IllegalArgumentException("pages partly on the device and partly on the host");
    }
    return commit(layout, firstPosition, positions, pages, null, 1, slots, salts);
  }

  private List<Digest32> commit(
      TraceLayout layout,
      int firstPosition,
      int positions,
      List<BufferView> views,
      int @Nullable [] table,
      int positionsPerBlock,
      int @Nullable [] slots,
      byte[] salts) {
    List<Digest32> roots = new ArrayList<>(positions);
    long copiedPerPosition = 256L * views.size();
    for (BufferView view : views) {
      copiedPerPosition += DeviceRows.copiedBytes(view, 1);
    }
    int atOnce = (int) Math.max(1, Math.min(positions, COPIED_AT_ONCE / copiedPerPosition));
    if (views.stream().allMatch(view -> view.kind() == BufferView.Kind.DEVICE)) {
      atOnce = Math.max(1, positions);
    }
    try {
      synchronized (queue.lock()) {
        for (int from = 0; from < positions; from += atOnce) {
          int count = Math.min(atOnce, positions - from);
          commitSome(
              layout,
              firstPosition,
              from,
              count,
              views,
              table,
              positionsPerBlock,
              slots,
              salts,
              roots);
        }
      }
    } finally {
      Reference.reachabilityFence(views);
    }
    return List.copyOf(roots);
  }

  private void commitSome(
      TraceLayout layout,
      int firstPosition,
      int from,
      int count,
      List<BufferView> views,
      int @Nullable [] table,
      int positionsPerBlock,
      int @Nullable [] slots,
      byte[] salts,
      List<Digest32> roots) {
    int leaves = layout.leavesPerToken();
    int saltBytes = leaves * ChunkLeaf.SALT_BYTES;
    int[] blocks = table == null ? new int[0] : table;
    input.reset(
        Math.addExact(
            views.size() * ROW_BYTES + blocks.length * Integer.BYTES,
            Math.multiplyExact(count, saltBytes)));
    long target = copied.atLeast(copiedBytes(views, count));
    for (TraceLayout.Row row : layout.rows()) {
      BufferView view = views.get(row.index());
      DeviceRows placed = DeviceRows.place(queue, view, from, count, slots, target);
      target += DeviceRows.copiedBytes(view, count);
      boolean inPlace = view.kind() == BufferView.Kind.DEVICE && table == null;
      putRow(row, placed.address() + (inPlace ? from * placed.stride() : 0), placed.stride());
    }
    int tableAt = input.next();
    for (int block : blocks) {
      input.bytes().putInt(block);
    }
    int saltsAt = input.next();
    input.bytes().put(salts, from * saltBytes, count * saltBytes);
    long packed = input.upload(queue, inputs);
    int threads = threads(leaves, count);
    int groups = (leaves + threads - 1) / threads;
    long result = results.atLeast((long) count * MerkleHash.LENGTH);
    queue.launch(
        "commit_tokens",
        Math.multiplyExact(count, groups),
        1,
        threads,
        packed,
        views.size(),
        leaves,
        groups,
        layout.profile().chunkBytes(),
        table == null ? 0 : packed + tableAt,
        positionsPerBlock,
        firstPosition + from,
        packed + saltsAt,
        groupRoots.atLeast((long) count * groups * MerkleHash.LENGTH),
        finished.atLeast((long) count * Integer.BYTES),
        result);
    ByteBuffer hashes = ByteBuffer.allocate(count * MerkleHash.LENGTH);
    queue.download(result, hashes);
    for (int i = 0; i < count; i++) {
      roots.add(Digest32.copyOf(hashes.array(), i * MerkleHash.LENGTH));
    }
  }

  private static long copiedBytes(List<BufferView> views, int rows) {
    long bytes = 0;
    for (BufferView view : views) {
      bytes += DeviceRows.copiedBytes(view, rows);
    }
    return bytes;
  }

  private void putRow(TraceLayout.Row row, long address, long stride) {
    int tag =
        ChunkLeaf.VERSION << 24
            | row.key().kind().code() << 16
            | row.dtype().code() << 8
            | row.key().hook().code();
    input
        .bytes()
        .putLong(address)
        .putLong(stride)
        .putInt(row.rowBytes())
        .putInt(row.firstLeaf())
        .putInt(tag)
        .putInt(row.key().layer());
  }

  /**
   * Few leaves are spread over small blocks, so that they finish soon; many go in large blocks,
   * whose trees leave fewer threads idle.
   */
  private int threads(int leaves, int positions) {
    int threads = MIN_THREADS;
    while (threads < MAX_THREADS
        && ((leaves + threads - 1L) / threads) * positions > 2L * queue.processors()) {
      threads *= 2;
    }
    return threads;
  }

  @Override
  public byte[] gatherRows(BufferView view, int[] indices) {
    KernelArguments.requireRowsOf(view, indices);
    byte[] gathered = new byte[indices.length * view.rowBytes()];
    if (view.kind() != BufferView.Kind.DEVICE) {
      for (int i = 0; i < indices.length; i++) {
        view.row(indices[i]).get(gathered, i * view.rowBytes(), view.rowBytes());
      }
    } else if (indices.length > 0) {
      try {
        synchronized (queue.lock()) {
          queue.after(view.stream());
          input.reset(indices.length * Integer.BYTES);
          for (int index : indices) {
            input.bytes().putInt(index);
          }
          long packed = input.upload(queue, inputs);
          long result = results.atLeast(gathered.length);
          queue.launch(
              "gather_rows",
              indices.length,
              1,
              128,
              view.address(),
              view.rowStride(),
              view.rowBytes(),
              packed,
              result);
          queue.download(result, ByteBuffer.wrap(gathered));
        }
      } finally {
        Reference.reachabilityFence(view);
      }
    }
    return gathered;
  }

  @Override
  public void close() {
    synchronized (queue.lock()) {
      inputs.close();
      copied.close();
      groupRoots.close();
      finished.close();
      results.close();
    }
  }
}
