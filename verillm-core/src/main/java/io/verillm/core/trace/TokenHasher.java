package io.verillm.core.trace;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;

/**
 * Turns the rows of a position into the leaves and the root of its token tree, without allocating
 * per leaf. A session for one trace and one thread.
 */
public final class TokenHasher {
  private static final int TAG_BYTES = ChunkLeaf.SUFFIX_BYTES - ChunkLeaf.SALT_BYTES;

  private final TraceLayout layout;
  private final TraceSalts salts;
  private final byte[][] tags;
  private final byte[] leaf;
  private final byte[] saltBytes;
  private final byte[] hashes;
  private final MessageDigest sha256 = Digest32.newSha256();
  private final MerkleHash merkle = new MerkleHash();

  /** Starts a session; {@code salts} belongs to it from now on. */
  public TokenHasher(TraceLayout layout, TraceSalts salts) {
    this.layout = layout;
    this.salts = salts;
    this.tags = new byte[layout.rows().size()][TAG_BYTES];
    for (TraceLayout.Row row : layout.rows()) {
      ChunkLeaf.writeTag(tags[row.index()], 0, row.key(), row.dtype(), row.rowBytes());
    }
    this.leaf = new byte[1 + layout.profile().chunkBytes() + ChunkLeaf.SUFFIX_BYTES];
    this.leaf[0] = MerkleHash.LEAF_PREFIX;
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
    int leaves = layout.leavesPerToken();
    salts.fill((long) position * leaves, leaves, saltBytes, 0);
    int source = rows.position();
    int number = 0;
    for (TraceLayout.Row row : layout.rows()) {
      byte[] tag = tags[row.index()];
      for (int chunk = 0; chunk < row.chunks(); chunk++) {
        int length = layout.chunkLength(row, chunk);
        rows.get(source, leaf, 1, length);
        source += length;
        System.arraycopy(
            saltBytes, number * ChunkLeaf.SALT_BYTES, leaf, 1 + length, ChunkLeaf.SALT_BYTES);
        int suffix = 1 + length + ChunkLeaf.SALT_BYTES;
        System.arraycopy(tag, 0, leaf, suffix, TAG_BYTES);
        ChunkLeaf.writePlace(leaf, suffix, position, chunk);
        digest(suffix + TAG_BYTES, number * MerkleHash.LENGTH);
        number++;
      }
    }
    return hashes;
  }

  private void digest(int leafLength, int target) {
    sha256.update(leaf, 0, leafLength);
    try {
      sha256.digest(hashes, target, MerkleHash.LENGTH);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 did not fit 32 bytes", e);
    }
  }
}
