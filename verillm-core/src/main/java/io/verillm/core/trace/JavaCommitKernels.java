package io.verillm.core.trace;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.KernelArguments;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The definition of {@link CommitKernels}, for rows in host memory. Thread-safe. */
public final class JavaCommitKernels implements CommitKernels {
  /** Makes the kernels; they hold nothing. */
  public JavaCommitKernels() {}

  @Override
  public List<Digest32> commitRows(
      TraceLayout layout, int firstPosition, List<BufferView> rows, byte[] salts) {
    int positions = KernelArguments.requireCommit(layout, firstPosition, rows, salts);
    requireHost(rows);
    int[] slots = new int[positions];
    for (int i = 0; i < positions; i++) {
      slots[i] = i;
    }
    return hash(layout, firstPosition, rows, slots, salts);
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
    requireHost(pages);
    return hash(layout, firstPosition, pages, slots, salts);
  }

  @Override
  public byte[] gatherRows(BufferView view, int[] indices) {
    KernelArguments.requireRowsOf(view, indices);
    requireHost(List.of(view));
    byte[] gathered = new byte[indices.length * view.rowBytes()];
    for (int i = 0; i < indices.length; i++) {
      view.row(indices[i]).get(gathered, i * view.rowBytes(), view.rowBytes());
    }
    return gathered;
  }

  private static List<Digest32> hash(
      TraceLayout layout, int firstPosition, List<BufferView> views, int[] slots, byte[] salts) {
    int saltsPerToken = layout.leavesPerToken() * ChunkLeaf.SALT_BYTES;
    LeafHasher leaves = new LeafHasher(layout);
    MerkleHash merkle = new MerkleHash();
    byte[] hashes = new byte[layout.leavesPerToken() * MerkleHash.LENGTH];
    List<Digest32> roots = new ArrayList<>(slots.length);
    for (int i = 0; i < slots.length; i++) {
      int saltOffset = i * saltsPerToken;
      for (TraceLayout.Row row : layout.rows()) {
        ByteBuffer bytes = views.get(row.index()).row(slots[i]);
        leaves.hash(row, firstPosition + i, bytes, 0, salts, saltOffset, hashes);
      }
      merkle.foldInPlace(hashes, 0, layout.leavesPerToken());
      roots.add(Digest32.copyOf(hashes, 0));
    }
    return List.copyOf(roots);
  }

  private static void requireHost(List<BufferView> views) {
    for (BufferView view : views) {
      if (view.kind() == BufferView.Kind.DEVICE) {
        throw new IllegalArgumentException("plain Java cannot read device memory");
      }
    }
  }
}
