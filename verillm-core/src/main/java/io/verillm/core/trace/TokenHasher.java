package io.verillm.core.trace;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;

/**
 * Turns the rows of a position into the leaves and the root of its token tree, without allocating
 * per leaf. A session for one trace and one thread.
 */
public final class TokenHasher {
  private final TraceLayout layout;
  private final TraceSalts salts;
  private final LeafHasher leaves;
  private final byte[] saltBytes;
  private final byte[] hashes;
  private final MerkleHash merkle = new MerkleHash();

  /** Starts a session; {@code salts} belongs to it from now on. */
  public TokenHasher(TraceLayout layout, TraceSalts salts) {
    this.layout = layout;
    this.salts = salts;
    this.leaves = new LeafHasher(layout);
    this.saltBytes = new byte[layout.leavesPerToken() * ChunkLeaf.SALT_BYTES];
    this.hashes = new byte[layout.leavesPerToken() * MerkleHash.LENGTH];
  }

  /**
   * The root of a position's token tree.
   *
   * @param rows all rows in layout order, raw little-endian bytes, from the buffer's position to
   *     its limit; neither is moved
   * @throws IllegalArgumentException if there are not exactly {@link TraceLayout#bytesPerToken}
   */
  public Digest32 root(int position, ByteBuffer rows) {
    hashLeaves(position, rows);
    merkle.foldInPlace(hashes, 0, layout.leavesPerToken());
    return Digest32.copyOf(hashes, 0);
  }

  /**
   * The hashes of a position's leaves, one after the other; the array is overwritten by the next
   * call.
   */
  byte[] hashLeaves(int position, ByteBuffer rows) {
    if (position < 0 || rows.remaining() != layout.bytesPerToken()) {
      throw new IllegalArgumentException(
          "position "
              + position
              + " needs "
              + layout.bytesPerToken()
              + " bytes, got "
              + rows.remaining());
    }
    salts.fill((long) position * layout.leavesPerToken(), layout.leavesPerToken(), saltBytes, 0);
    for (TraceLayout.Row row : layout.rows()) {
      leaves.hash(row, position, rows, rows.position() + row.byteOffset(), saltBytes, 0, hashes);
    }
    return hashes;
  }
}
