package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaCommitKernelsTest {
  private static final TraceLayout LAYOUT = TraceFixtures.LAYOUT;
  private static final int FIRST = 5;
  private static final int COUNT = 7;
  private final CommitKernels kernels = new JavaCommitKernels();

  @Test
  void commitRows_denseOrStridedOrDirect_equalsTheTokenHasher() {
    for (int padding : new int[] {0, 3}) {
      for (boolean direct : new boolean[] {false, true}) {
        assertThat(kernels.commitRows(LAYOUT, FIRST, views(COUNT, padding, direct), salts(COUNT)))
            .isEqualTo(expected());
      }
    }
    assertThat(kernels.commitRows(LAYOUT, FIRST, views(0, 0, false), salts(0))).isEmpty();
  }

  @Test
  void gatherAndHash_scatteredBlocks_equalsTheTokenHasher() {
    // blocks of 4: positions 5..11 lie in entries 1 and 2 of the table
    int[] table = {6, 2, 0};
    List<BufferView> pages = new ArrayList<>();
    for (TraceLayout.Row row : LAYOUT.rows()) {
      ByteBuffer cache = ByteBuffer.allocate(12 * row.rowBytes());
      for (int position = FIRST; position < FIRST + COUNT; position++) {
        int slot = table[position / 4] * 4 + position % 4;
        cache.put(
            slot * row.rowBytes(),
            TraceFixtures.rowBytes(LAYOUT, position),
            row.byteOffset(),
            row.rowBytes());
      }
      pages.add(BufferView.ofHost(cache, 12, row.rowBytes()));
    }
    assertThat(kernels.gatherAndHash(LAYOUT, FIRST, COUNT, pages, table, 4, salts(COUNT)))
        .isEqualTo(expected());
    assertThat(
            kernels.gatherAndHash(
                LAYOUT, FIRST, COUNT, pages, new int[] {6, 0, 2}, 4, salts(COUNT)))
        .isNotEqualTo(expected());
    refusedGather(pages, new int[] {6, 2}, 4, FIRST, COUNT); // too short
    refusedGather(pages, new int[] {6, 2, 3}, 4, FIRST, COUNT); // beyond the cache
    refusedGather(pages, new int[] {6, -1, 0}, 4, FIRST, COUNT);
    refusedGather(pages, new int[] {6, Integer.MAX_VALUE, 0}, 4, FIRST, COUNT);
    refusedGather(pages, table, 0, FIRST, COUNT);
    refusedGather(pages, table, 4, -1, COUNT);
    refusedGather(pages, table, 4, FIRST, COUNT - 1); // salts of one position too many
    refusedGather(pages.subList(0, 4), table, 4, FIRST, COUNT);
  }

  private void refusedGather(
      List<BufferView> pages, int[] table, int perBlock, int first, int count) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                kernels.gatherAndHash(LAYOUT, first, count, pages, table, perBlock, salts(COUNT)));
  }

  @Test
  void commitRows_whatDoesNotFit_isRefused() {
    List<BufferView> views = views(COUNT, 0, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.commitRows(LAYOUT, FIRST, views, salts(COUNT - 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.commitRows(LAYOUT, -1, views, salts(COUNT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.commitRows(LAYOUT, Integer.MAX_VALUE - 3, views, salts(COUNT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.commitRows(LAYOUT, FIRST, views.subList(1, 5), salts(COUNT)));
    refusedWith(BufferView.ofHost(ByteBuffer.allocate(12 * 6), 6, 12)); // other number of rows
    refusedWith(BufferView.ofHost(ByteBuffer.allocate(8 * 7), 7, 8)); // other width
    refusedWith(BufferView.ofDevice(4096, 84, 7, 12, 12, 0, this)); // not ours to read
  }

  private void refusedWith(BufferView first) {
    List<BufferView> views = new ArrayList<>(views(COUNT, 0, false));
    views.set(0, first);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.commitRows(LAYOUT, FIRST, views, salts(COUNT)));
  }

  private static List<Digest32> expected() {
    TokenHasher hasher =
        new TokenHasher(LAYOUT, new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID));
    List<Digest32> roots = new ArrayList<>();
    for (int position = FIRST; position < FIRST + COUNT; position++) {
      roots.add(hasher.root(position, ByteBuffer.wrap(TraceFixtures.rowBytes(LAYOUT, position))));
    }
    return roots;
  }

  private static byte[] salts(int positions) {
    int leaves = LAYOUT.leavesPerToken();
    byte[] salts = new byte[positions * leaves * ChunkLeaf.SALT_BYTES];
    new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID)
        .fill((long) FIRST * leaves, positions * leaves, salts, 0);
    return salts;
  }

  private static List<BufferView> views(int positions, int padding, boolean direct) {
    List<BufferView> views = new ArrayList<>();
    for (TraceLayout.Row row : LAYOUT.rows()) {
      int stride = row.rowBytes() + padding;
      ByteBuffer bytes =
          direct
              ? ByteBuffer.allocateDirect(positions * stride)
              : ByteBuffer.allocate(positions * stride);
      for (int i = 0; i < positions; i++) {
        bytes.put(
            i * stride,
            TraceFixtures.rowBytes(LAYOUT, FIRST + i),
            row.byteOffset(),
            row.rowBytes());
      }
      views.add(BufferView.ofHost(bytes, positions, row.rowBytes(), stride));
    }
    return views;
  }
}
