package io.verillm.core.trace;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;

/** Hashes the leaves of a layout's rows without allocating. A session for one thread. */
final class LeafHasher {
  private static final int TAG_BYTES = ChunkLeaf.SUFFIX_BYTES - ChunkLeaf.SALT_BYTES;

  private final TraceLayout layout;
  private final byte[][] tags;
  private final byte[] leaf;
  private final MessageDigest sha256 = Digest32.newSha256();

  LeafHasher(TraceLayout layout) {
    this.layout = layout;
    this.tags = new byte[layout.rows().size()][TAG_BYTES];
    for (TraceLayout.Row row : layout.rows()) {
      ChunkLeaf.writeTag(tags[row.index()], 0, row.key(), row.dtype(), row.rowBytes());
    }
    this.leaf = new byte[1 + layout.profile().chunkBytes() + ChunkLeaf.SUFFIX_BYTES];
    this.leaf[0] = MerkleHash.LEAF_PREFIX;
  }

  /**
   * Hashes the leaves of one row.
   *
   * @param rows holds the row's bytes from index {@code offset} on
   * @param salts salts of all leaves of the position, from {@code saltOffset} on
   * @param hashes takes the hashes of all leaves of the position
   */
  void hash(
      TraceLayout.Row row,
      int position,
      ByteBuffer rows,
      int offset,
      byte[] salts,
      int saltOffset,
      byte[] hashes) {
    byte[] tag = tags[row.index()];
    int source = offset;
    for (int chunk = 0; chunk < row.chunks(); chunk++) {
      int number = row.firstLeaf() + chunk;
      int length = layout.chunkLength(row, chunk);
      rows.get(source, leaf, 1, length);
      source += length;
      int salt = saltOffset + number * ChunkLeaf.SALT_BYTES;
      System.arraycopy(salts, salt, leaf, 1 + length, ChunkLeaf.SALT_BYTES);
      int suffix = 1 + length + ChunkLeaf.SALT_BYTES;
      System.arraycopy(tag, 0, leaf, suffix, TAG_BYTES);
      ChunkLeaf.writePlace(leaf, suffix, position, chunk);
      sha256.update(leaf, 0, suffix + TAG_BYTES);
      try {
        sha256.digest(hashes, number * MerkleHash.LENGTH, MerkleHash.LENGTH);
      } catch (DigestException e) {
        throw new IllegalStateException("SHA-256 did not fit 32 bytes", e);
      }
    }
  }
}
