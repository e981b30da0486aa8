package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every provider of {@link CommitKernels} must do: the same roots, the same refusal. A
 * provider's test extends this class; one for a device overrides {@link #place}.
 */
public abstract class CommitKernelsContract {
  private static final TraceLayout LAYOUT = TraceFixtures.LAYOUT;
  private static final int FIRST = 5;
  private static final int COUNT = 7;

  /** The kernels under test. */
  protected abstract CommitKernels subject();

  /** Brings rows to where the kernels read them. */
  protected BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
    return BufferView.ofHost(bytes, rows, rowBytes, rowStride);
  }

  @Test
  void commitRows_denseOrStridedOrDirect_equalsTheTokenHasher() {
    for (int padding : new int[] {0, 3}) {
      for (boolean direct : new boolean[] {false, true}) {
        assertThat(subject().commitRows(LAYOUT, FIRST, views(COUNT, padding, direct), salts(COUNT)))
            .isEqualTo(expected());
      }
    }
    assertThat(subject().commitRows(LAYOUT, FIRST, views(0, 0, false), salts(0))).isEmpty();
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
      pages.add(place(cache, 12, row.rowBytes(), row.rowBytes()));
    }
    assertThat(subject().gatherAndHash(LAYOUT, FIRST, COUNT, pages, table, 4, salts(COUNT)))
        .isEqualTo(expected());
    assertThat(
            subject()
                .gatherAndHash(LAYOUT, FIRST, COUNT, pages, new int[] {6, 0, 2}, 4, salts(COUNT)))
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
                subject()
                    .gatherAndHash(LAYOUT, first, count, pages, table, perBlock, salts(COUNT)));
  }

  @Test
  void commitRows_whatDoesNotFit_isRefused() {
    List<BufferView> views = views(COUNT, 0, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().commitRows(LAYOUT, FIRST, views, salts(COUNT - 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().commitRows(LAYOUT, -1, views, salts(COUNT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().commitRows(LAYOUT, Integer.MAX_VALUE - 3, views, salts(COUNT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().commitRows(LAYOUT, FIRST, views.subList(1, 5), salts(COUNT)));
    refusedWith(place(ByteBuffer.allocate(12 * 6), 6, 12, 12)); // other number of rows
    refusedWith(place(ByteBuffer.allocate(8 * 7), 7, 8, 8)); // other width
  }

  private void refusedWith(BufferView first) {
    List<BufferView> views = new ArrayList<>(views(COUNT, 0, false));
    views.set(0, first);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().commitRows(LAYOUT, FIRST, views, salts(COUNT)));
  }

  /** Rows of one, two and many chunks whose ends fall on every side of SHA-256's blocks. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 2, 3, 4, 15, 21, 22, 23, 30, 31, 32, 33, 54, 55, 56, 63, 64, 65, 86, 87, 94, 95, 119,
        127, 128, 129, 1000, 1022, 1023, 1024, 1025, 2047, 2048, 2049, 4097
      })
  void commitRows_anyRowLength_equalsTheLeavesHashedOneByOne(int rowBytes) {
    for (int chunkBytes : new int[] {1024, 64, 55, 1023}) {
      TraceLayout layout = oneRow(rowBytes, chunkBytes);
      for (int padding : new int[] {0, 1, 16}) {
        checkOneRow(layout, 3, padding);
      }
    }
  }

  /** As many leaves as make every shape of tree within a block of threads and across blocks. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 31, 32, 33, 63, 65, 127, 129, 255, 256, 257, 511, 513, 1000, 2049})
  void commitRows_anyNumberOfLeaves_equalsTheLeavesHashedOneByOne(int leaves) {
    checkOneRow(oneRow(leaves * 4 - 1, 4), 2, 0);
  }

  private static TraceLayout oneRow(int rowBytes, int chunkBytes) {
    TraceProfile profile =
        new TraceProfile(
            List.of(
                new TraceProfile.Entry(
                    TensorKind.HIDDEN,
                    HookPoint.BLOCK_OUTPUT,
                    new LayerSelection.Last(),
                    DType.U8)),
            chunkBytes);
    return TraceLayout.of(profile, new ModelDimensions(1, rowBytes, 1, 1, 2, 8));
  }

  private void checkOneRow(TraceLayout layout, int positions, int padding) {
    Random random = new Random(layout.bytesPerToken() * 31L + padding);
    int rowBytes = layout.bytesPerToken();
    int stride = rowBytes + padding;
    ByteBuffer bytes = ByteBuffer.allocate(positions * stride);
    random.nextBytes(bytes.array());
    byte[] salts = new byte[positions * layout.leavesPerToken() * ChunkLeaf.SALT_BYTES];
    random.nextBytes(salts);
    int first = 0x01020304;
    List<Digest32> expected = new ArrayList<>();
    for (int i = 0; i < positions; i++) {
      List<byte[]> leaves = new ArrayList<>();
      TraceLayout.Row row = layout.row(0);
      for (int chunk = 0; chunk < row.chunks(); chunk++) {
        byte[] data = new byte[layout.chunkLength(row, chunk)];
        bytes.get(i * stride + chunk * layout.profile().chunkBytes(), data);
        byte[] salt = new byte[ChunkLeaf.SALT_BYTES];
        System.arraycopy(
            salts, (i * layout.leavesPerToken() + chunk) * salt.length, salt, 0, salt.length);
        leaves.add(
            ChunkLeaf.encode(data, salt, row.key(), row.dtype(), first + i, chunk, rowBytes));
      }
      expected.add(rootOf(leaves));
    }
    assertThat(
            subject()
                .commitRows(
                    layout, first, List.of(place(bytes, positions, rowBytes, stride)), salts))
        .isEqualTo(expected);
  }

  /** RFC 6962 section 2.1: the left part is as large a power of two as is below the count. */
  private static Digest32 rootOf(List<byte[]> encoded) {
    if (encoded.size() == 1) {
      return Digest32.sha256(encoded.get(0));
    }
    int left = Integer.highestOneBit(encoded.size() - 1);
    return MerkleHash.node(
        rootOf(encoded.subList(0, left)), rootOf(encoded.subList(left, encoded.size())));
  }

  @Test
  void gatherRows_anyOrderAndRepeats_copiesThem() {
    byte[] raw = new byte[9 * 13];
    new Random(4).nextBytes(raw);
    for (int rowBytes : new int[] {1, 5, 13}) {
      BufferView view = place(ByteBuffer.wrap(raw), 9, rowBytes, 13);
      int[] indices = {8, 0, 3, 3, 7};
      byte[] expected = new byte[indices.length * rowBytes];
      for (int i = 0; i < indices.length; i++) {
        System.arraycopy(raw, indices[i] * 13, expected, i * rowBytes, rowBytes);
      }
      assertThat(subject().gatherRows(view, indices)).isEqualTo(expected);
      assertThat(subject().gatherRows(view, new int[0])).isEmpty();
    }
    byte[] wide = new byte[5 * 4096];
    new Random(5).nextBytes(wide);
    byte[] gathered =
        subject().gatherRows(place(ByteBuffer.wrap(wide), 5, 4096, 4096), new int[] {4, 1});
    assertThat(Arrays.copyOf(gathered, 4096))
        .isEqualTo(Arrays.copyOfRange(wide, 4 * 4096, 5 * 4096));
    BufferView view = place(ByteBuffer.wrap(raw), 9, 13, 13);
    for (int index : new int[] {-1, 9, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> subject().gatherRows(view, new int[] {0, index}));
    }
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

  private List<BufferView> views(int positions, int padding, boolean direct) {
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
      views.add(place(bytes, positions, row.rowBytes(), stride));
    }
    return views;
  }
}
