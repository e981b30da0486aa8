package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;

/**
 * A tree that keeps every complete node, so that it can open any leaf at any of its earlier sizes.
 *
 * <p>About 64 bytes per leaf; at most {@value #MAX_LEAVES} leaves. Not thread-safe while it grows.
 */
public final class MerkleTree {
  /** Most leaves: one level is one array. */
  public static final int MAX_LEAVES = 1 << 25;

  private final MerkleHash hasher = new MerkleHash();
  private final List<NodeLevel> levels = new ArrayList<>();
  private long size;

  /** Starts with no leaves. */
  public MerkleTree() {
    levels.add(new NodeLevel());
  }

  /** Makes a tree over the given leaf hashes. */
  public static MerkleTree of(List<Digest32> leafHashes) {
    MerkleTree tree = new MerkleTree();
    leafHashes.forEach(tree::append);
    return tree;
  }

  /** Number of leaves. */
  public long size() {
    return size;
  }

  /**
   * Appends the hash of a leaf.
   *
   * @throws IllegalStateException if the tree is full
   */
  public void append(Digest32 leafHash) {
    if (size >= MAX_LEAVES) {
      throw new IllegalStateException("the tree is full");
    }
    levels.get(0).append(leafHash);
    size++;
    long complete = size;
    for (int level = 0; (complete & 1) == 0; level++) {
      complete >>>= 1;
      if (level + 1 == levels.size()) {
        levels.add(new NodeLevel());
      }
      levels.get(level + 1).appendParent(hasher, levels.get(level));
    }
  }

  /**
   * The hash of one leaf.
   *
   * @throws IllegalArgumentException if the index is out of range
   */
  public Digest32 leafHash(long index) {
    requireLeaf(index, size);
    return levels.get(0).get((int) index);
  }

  /** The root over all leaves. */
  public Digest32 root() {
    return root(size);
  }

  /**
   * The root when the tree had {@code atSize} leaves.
   *
   * @throws IllegalArgumentException if it never had that many
   */
  public Digest32 root(long atSize) {
    requireSize(atSize);
    return atSize == 0 ? MerkleHash.emptyRoot() : subtree(0, atSize);
  }

  /**
   * Opens one leaf of the tree as it was at {@code atSize} leaves.
   *
   * @throws IllegalArgumentException if index or size is out of range
   */
  public InclusionProof inclusion(long index, long atSize) {
    requireSize(atSize);
    requireLeaf(index, atSize);
    List<Digest32> path = new ArrayList<>();
    inclusion(index, 0, atSize, path);
    return new InclusionProof(path);
  }

  private void inclusion(long index, long start, long count, List<Digest32> path) {
    if (count == 1) {
      return;
    }
    long split = Long.highestOneBit(count - 1);
    if (index < split) {
      inclusion(index, start, split, path);
      path.add(subtree(start + split, count - split));
    } else {
      inclusion(index - split, start + split, count - split, path);
      path.add(subtree(start, split));
    }
  }

  /**
   * Shows that the tree at {@code oldSize} leaves is a prefix of the tree at {@code newSize}.
   *
   * @throws IllegalArgumentException unless 0 ≤ oldSize ≤ newSize ≤ size
   */
  public ConsistencyProof consistency(long oldSize, long newSize) {
    requireSize(newSize);
    if (oldSize < 0 || oldSize > newSize) {
      throw new IllegalArgumentException("no consistency from " + oldSize + " to " + newSize);
    }
    List<Digest32> path = new ArrayList<>();
    if (oldSize > 0 && oldSize < newSize) {
      consistency(oldSize, 0, newSize, true, path);
    }
    return new ConsistencyProof(path);
  }

  /**
   * SUBPROOF of RFC 9162 section 2.1.4.1; {@code whole} says that the verifier has the old root.
   */
  private void consistency(
      long oldCount, long start, long count, boolean whole, List<Digest32> path) {
    if (oldCount == count) {
      if (!whole) {
        path.add(subtree(start, count));
      }
      return;
    }
    long split = Long.highestOneBit(count - 1);
    if (oldCount <= split) {
      consistency(oldCount, start, split, whole, path);
      path.add(subtree(start + split, count - split));
    } else {
      consistency(oldCount - split, start + split, count - split, false, path);
      path.add(subtree(start, split));
    }
  }

  /**
   * Opens several leaves of the tree as it was at {@code atSize} leaves.
   *
   * @param indices strictly ascending, at least one, each below {@code atSize}
   * @throws IllegalArgumentException if they are not
   */
  public MultiProof multiProof(long[] indices, long atSize) {
    requireSize(atSize);
    if (indices.length == 0) {
      throw new IllegalArgumentException("nothing to open");
    }
    for (int i = 0; i < indices.length; i++) {
      requireLeaf(indices[i], atSize);
      if (i > 0 && indices[i] <= indices[i - 1]) {
        throw new IllegalArgumentException("indices are not strictly ascending");
      }
    }
    List<Digest32> nodes = new ArrayList<>();
    multiProof(indices, 0, indices.length, 0, atSize, nodes);
    return new MultiProof(nodes);
  }

  private void multiProof(
      long[] indices, int from, int to, long start, long count, List<Digest32> nodes) {
    if (from == to) {
      nodes.add(subtree(start, count));
      return;
    }
    if (count == 1) {
      return;
    }
    long split = Long.highestOneBit(count - 1);
    int middle = from;
    while (middle < to && indices[middle] < start + split) {
      middle++;
    }
    multiProof(indices, from, middle, start, split, nodes);
    multiProof(indices, middle, to, start + split, count - split, nodes);
  }

  /** Hash over {@code count} leaves from {@code start}, which is a multiple of a power ≥ count. */
  private Digest32 subtree(long start, long count) {
    if (Long.bitCount(count) == 1) {
      int level = Long.numberOfTrailingZeros(count);
      return levels.get(level).get((int) (start >>> level));
    }
    long split = Long.highestOneBit(count);
    return hasher.nodeOf(subtree(start, split), subtree(start + split, count - split));
  }

  private void requireSize(long atSize) {
    if (atSize < 0 || atSize > size) {
      throw new IllegalArgumentException("size " + atSize + " is not in 0.." + size);
    }
  }

  private static void requireLeaf(long index, long atSize) {
    if (index < 0 || index >= atSize) {
      throw new IllegalArgumentException("leaf " + index + " is not in 0.." + (atSize - 1));
    }
  }
}
