package io.verillm.core.spi;

import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import java.util.List;

/**
 * Commitment to rows where they lie. Exact: every provider gives the token roots that {@link
 * io.verillm.core.trace.TokenHasher} gives, and refuses what the plain-Java provider refuses.
 * Thread-safe.
 *
 * <p>Salts come from the caller, so that a device never sees the secret behind them: {@link
 * io.verillm.core.trace.ChunkLeaf#SALT_BYTES} bytes per leaf, leaves of the first position first,
 * as {@link io.verillm.core.trace.TraceSalts#fill} writes them.
 *
 * <p>A root binds the bytes that were read. Whoever lets an engine overwrite a row before it is
 * read commits to something else; the stream of a {@link BufferView} orders the two.
 */
public interface CommitKernels {
  /**
   * Commits consecutive positions.
   *
   * @param firstPosition position of row 0 of every view, at least 0
   * @param rows one view per row of the layout, in its order; all have as many rows as there are
   *     positions, and {@code rowBytes} as the layout says
   * @param salts of all positions
   * @return one token root per position
   * @throws IllegalArgumentException if a number or a length does not fit, or the provider cannot
   *     read one of the memories
   */
  List<Digest32> commitRows(
      TraceLayout layout, int firstPosition, List<BufferView> rows, byte[] salts);

  /**
   * Commits consecutive positions whose rows lie in the pages of a paged cache. Position p is row
   * {@code blockTable[p / positionsPerBlock] · positionsPerBlock + p mod positionsPerBlock} of
   * every view.
   *
   * @param firstPosition first position to commit, at least 0
   * @param positions number of positions, at least 0
   * @param pages one view per row of the layout, in its order, over the whole cache
   * @param blockTable block of each stretch of {@code positionsPerBlock} positions, from position 0
   * @param positionsPerBlock at least 1
   * @param salts of the committed positions
   * @return one token root per position
   * @throws IllegalArgumentException as above, or if the table is too short or names a block beyond
   *     the views
   */
  List<Digest32> gatherAndHash(
      TraceLayout layout,
      int firstPosition,
      int positions,
      List<BufferView> pages,
      int[] blockTable,
      int positionsPerBlock,
      byte[] salts);

  /**
   * Copies rows to host memory, one after the other: what an opening shows.
   *
   * @param indices rows to copy, in any order, repeated ones too
   * @return {@code indices.length · view.rowBytes()} bytes
   * @throws IllegalArgumentException if an index is not in the view or the provider cannot read the
   *     memory
   */
  byte[] gatherRows(BufferView view, int[] indices);
}
