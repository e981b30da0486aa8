package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One walk over a tree that rebuilds its root from leaves and nodes, from left to right. */
final class MultiProofWalk {
  private final long[] indices;
  private final List<Digest32> leafHashes;
  private final List<Digest32> nodes;
  private final MerkleHash hasher = new MerkleHash();
  private int nextNode;

  MultiProofWalk(long[] indices, List<Digest32> leafHashes, List<Digest32> nodes) {
    this.indices = indices;
    this.leafHashes = leafHashes;
    this.nodes = nodes;
  }

  boolean consumedAllNodes() {
    return nextNode == nodes.size();
  }

  /** The root of a tree of {@code size} leaves, or null if the nodes ran out. */
  @Nullable Digest32 root(long size) {
    return subtree(0, size, 0, indices.length);
  }

  /** Hash of leaves start .. start + count − 1, of which indices[from .. to − 1] are shown. */
  private @Nullable Digest32 subtree(long start, long count, int from, int to) {
    if (from == to) {
      return nextNode < nodes.size() ? nodes.get(nextNode++) : null;
    }
    if (count == 1) {
      return leafHashes.get(from);
    }
    long split = Long.highestOneBit(count - 1);
    int middle = from;
    while (middle < to && indices[middle] < start + split) {
      middle++;
    }
    Digest32 left = subtree(start, split, from, middle);
    if (left == null) {
      return null;
    }
    Digest32 right = subtree(start + split, count - split, middle, to);
    return right == null ? null : hasher.nodeOf(left, right);
  }
}
