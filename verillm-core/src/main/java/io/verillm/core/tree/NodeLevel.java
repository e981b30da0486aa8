package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;
import java.util.Arrays;

/** The complete nodes of one level, in one growing array. */
final class NodeLevel {
  private byte[] hashes = new byte[8 * MerkleHash.LENGTH];
  private int count;

  Digest32 get(int index) {
    if (index >= count) {
      throw new IllegalStateException("node " + index + " of " + count);
    }
    return Digest32.copyOf(hashes, index * MerkleHash.LENGTH);
  }

  void append(Digest32 hash) {
    reserve();
    hash.copyTo(hashes, count * MerkleHash.LENGTH);
    count++;
  }

  /** Appends the parent of the last two nodes of the level below. */
  void appendParent(MerkleHash hasher, NodeLevel below) {
    reserve();
    int left = (below.count - 2) * MerkleHash.LENGTH;
    hasher.node(
        below.hashes,
        left,
        below.hashes,
        left + MerkleHash.LENGTH,
        hashes,
        count * MerkleHash.LENGTH);
    count++;
  }

  private void reserve() {
    int used = count * MerkleHash.LENGTH;
    if (used == hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.max(used * 2, used + MerkleHash.LENGTH));
    }
  }
}
