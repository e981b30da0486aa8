package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;

/**
 * The right edge of a growing tree: enough to append leaves and to give the root at any moment, in
 * memory that grows with the logarithm of the number of leaves.
 *
 * <p>It cannot open leaves; {@link MerkleTree} can. Not thread-safe.
 */
public final class MerkleFrontier {
  private final MerkleHash hasher = new MerkleHash();
  // Slot k holds the root of a complete subtree of 2^k leaves exactly if bit k of size is set.
  private final byte[] peaks;
  private final byte[] carry = new byte[MerkleHash.LENGTH];
  private long size;

  /** Starts with no leaves. */
  public MerkleFrontier() {
    this(new byte[63 * MerkleHash.LENGTH], 0);
  }

  private MerkleFrontier(byte[] peaks, long size) {
    this.peaks = peaks;
    this.size = size;
  }

  /** Returns an independent frontier over the same leaves. */
  public MerkleFrontier copy() {
    return new MerkleFrontier(peaks.clone(), size);
  }

  /** Number of leaves so far. */
  public long size() {
    return size;
  }

  /** Appends the hash of a leaf. */
  public void append(Digest32 leafHash) {
    leafHash.copyTo(carry, 0);
    int level = 0;
    for (long bits = size; (bits & 1) != 0; bits >>>= 1) {
      hasher.node(peaks, level * MerkleHash.LENGTH, carry, 0, carry, 0);
      level++;
    }
    System.arraycopy(carry, 0, peaks, level * MerkleHash.LENGTH, MerkleHash.LENGTH);
    size = Math.addExact(size, 1);
  }

  /** The root over all leaves so far. */
  public Digest32 root() {
    if (size == 0) {
      return MerkleHash.emptyRoot();
    }
    int level = Long.numberOfTrailingZeros(size);
    System.arraycopy(peaks, level * MerkleHash.LENGTH, carry, 0, MerkleHash.LENGTH);
    for (level++; level < 63; level++) {
      if ((size >>> level & 1) != 0) {
        hasher.node(peaks, level * MerkleHash.LENGTH, carry, 0, carry, 0);
      }
    }
    return Digest32.copyOf(carry);
  }
}
