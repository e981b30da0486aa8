package io.verillm.core.trace;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
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
    requireViews(layout, rows);
    int positions = rows.get(0).rows();
    for (BufferView view : rows) {
      if (view.rows() != positions) {
        throw new IllegalArgumentException(
            "views of " + positions + " and of " + view.rows() + " positions");
      }
    }
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
    requireViews(layout, pages);
    if (positions < 0 || positionsPerBlock < 1) {
      throw new IllegalArgumentException(
          positions + " positions in blocks of " + positionsPerBlock);
    }
    requirePositions(firstPosition, positions);
    int[] slots = new int[positions];
    for (int i = 0; i < positions; i++) {
      int position = firstPosition + i;
      int entry = position / positionsPerBlock;
      if (entry >= blockTable.length) {
        throw new IllegalArgumentException(
            "position " + position + " is beyond a table of " + blockTable.length + " blocks");
      }
      long slot = (long) blockTable[entry] * positionsPerBlock + position % positionsPerBlock;
      for (BufferView page : pages) {
        if (slot < 0 || slot >= page.rows()) {
          throw new IllegalArgumentException(
              "block " + blockTable[entry] + " is not in a cache of " + page.rows() + " rows");
        }
      }
      slots[i] = (int) slot;
    }
    return hash(layout, firstPosition, pages, slots, salts);
  }

  private static List<Digest32> hash(
      TraceLayout layout, int firstPosition, List<BufferView> views, int[] slots, byte[] salts) {
    requirePositions(firstPosition, slots.length);
    long saltsPerToken = (long) layout.leavesPerToken() * ChunkLeaf.SALT_BYTES;
    if (salts.length != slots.length * saltsPerToken) {
      throw new IllegalArgumentException(
          slots.length
              + " positions need "
              + slots.length * saltsPerToken
              + " bytes of salts, got "
              + salts.length);
    }
    LeafHasher leaves = new LeafHasher(layout);
    MerkleHash merkle = new MerkleHash();
    byte[] hashes = new byte[layout.leavesPerToken() * MerkleHash.LENGTH];
    List<Digest32> roots = new ArrayList<>(slots.length);
    for (int i = 0; i < slots.length; i++) {
      int saltOffset = (int) (i * saltsPerToken);
      for (TraceLayout.Row row : layout.rows()) {
        ByteBuffer bytes = views.get(row.index()).row(slots[i]);
        leaves.hash(row, firstPosition + i, bytes, 0, salts, saltOffset, hashes);
      }
      merkle.foldInPlace(hashes, 0, layout.leavesPerToken());
      roots.add(Digest32.copyOf(hashes, 0));
    }
    return List.copyOf(roots);
  }

  private static void requireViews(TraceLayout layout, List<BufferView> views) {
    if (views.size() != layout.rows().size()) {
      throw new IllegalArgumentException(
          views.size() + " views for " + layout.rows().size() + " rows");
    }
    for (TraceLayout.Row row : layout.rows()) {
      BufferView view = views.get(row.index());
      if (view.kind() == BufferView.Kind.DEVICE) {
        throw new IllegalArgumentException("plain Java cannot read device memory");
      }
      if (view.rowBytes() != row.rowBytes()) {
        throw new IllegalArgumentException(
            row.key() + " has " + row.rowBytes() + " bytes, the view " + view.rowBytes());
      }
    }
  }

  private static void requirePositions(int firstPosition, int positions) {
    if (firstPosition < 0 || firstPosition > Integer.MAX_VALUE - positions) {
      throw new IllegalArgumentException(positions + " positions from " + firstPosition);
    }
  }
}
