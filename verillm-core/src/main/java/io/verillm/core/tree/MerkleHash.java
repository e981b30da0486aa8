package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;
import java.security.DigestException;
import java.security.MessageDigest;

/**
 * The hash functions of RFC 6962 section 2.1: SHA-256 with one prefix for leaves and another for
 * inner nodes, so that neither can pass for the other.
 *
 * <p>The static methods are for single values and are thread-safe. An instance is a session that
 * hashes many nodes without allocating; it belongs to one thread.
 */
public final class MerkleHash {
  /** Comes before the bytes of a leaf. */
  public static final byte LEAF_PREFIX = 0x00;

  /** Comes before the two children of an inner node. */
  public static final byte NODE_PREFIX = 0x01;

  /** Bytes of one hash. */
  public static final int LENGTH = Digest32.LENGTH;

  private static final byte[] LEAF_PREFIX_BYTES = {LEAF_PREFIX};
  private static final Digest32 EMPTY_ROOT = Digest32.sha256();

  private final MessageDigest sha256 = Digest32.newSha256();
  private final byte[] node = new byte[1 + 2 * LENGTH];

  /** Starts a session. */
  public MerkleHash() {
    node[0] = NODE_PREFIX;
  }

  /** The root of the tree without leaves: SHA-256 of nothing. */
  public static Digest32 emptyRoot() {
    return EMPTY_ROOT;
  }

  /** The hash of one leaf: SHA-256(0x00 ‖ data). */
  public static Digest32 leaf(byte[] data) {
    return Digest32.sha256(LEAF_PREFIX_BYTES, data);
  }

  /** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
  public static Digest32 node(Digest32 left, Digest32 right) {
    return new MerkleHash().nodeOf(left, right);
  }

  /** As {@link #node}, with this session's scratch space. */
  Digest32 nodeOf(Digest32 left, Digest32 right) {
    left.copyTo(node, 1);
    right.copyTo(node, 1 + LENGTH);
    byte[] out = new byte[LENGTH];
    digestNode(out, 0);
    return Digest32.copyOf(out);
  }

  /**
   * Hashes two children into a target, which may overlap them.
   *
   * @param left array that holds the left child at {@code leftOffset}
   * @param right array that holds the right child at {@code rightOffset}
   */
  public void node(
      byte[] left, int leftOffset, byte[] right, int rightOffset, byte[] target, int targetOffset) {
    System.arraycopy(left, leftOffset, node, 1, LENGTH);
    System.arraycopy(right, rightOffset, node, 1 + LENGTH, LENGTH);
    digestNode(target, targetOffset);
  }

  /** Replaces a hash by that of its parent, whose left child is given. */
  void ascend(Digest32 left, byte[] hash) {
    left.copyTo(node, 1);
    System.arraycopy(hash, 0, node, 1 + LENGTH, LENGTH);
    digestNode(hash, 0);
  }

  /** Replaces a hash by that of its parent, whose right child is given. */
  void ascend(byte[] hash, Digest32 right) {
    System.arraycopy(hash, 0, node, 1, LENGTH);
    right.copyTo(node, 1 + LENGTH);
    digestNode(hash, 0);
  }

  /**
   * Reduces leaf hashes that lie one after the other to their root, in place.
   *
   * <p>Pairing neighbours and lifting an odd last node unchanged gives the same tree as the RFC's
   * split at the largest power of two below {@code count}.
   *
   * @param hashes {@code count} hashes from {@code offset} on; destroyed; the root ends up first
   * @param count at least 1
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public void foldInPlace(byte[] hashes, int offset, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a fold needs at least one hash, got " + count);
    }
    java.util.Objects.checkFromIndexSize(offset, Math.multiplyExact(count, LENGTH), hashes.length);
    for (int width = count; width > 1; width = (width + 1) >>> 1) {
      int pairs = width >>> 1;
      for (int pair = 0; pair < pairs; pair++) {
        System.arraycopy(hashes, offset + pair * 2 * LENGTH, node, 1, 2 * LENGTH);
        digestNode(hashes, offset + pair * LENGTH);
      }
      if ((width & 1) != 0) {
        System.arraycopy(
            hashes, offset + (width - 1) * LENGTH, hashes, offset + pairs * LENGTH, LENGTH);
      }
    }
  }

  private void digestNode(byte[] target, int targetOffset) {
    sha256.update(node);
    finish(sha256, target, targetOffset);
  }

  /** Ends a hash into a target without allocating. */
  static void finish(MessageDigest sha256, byte[] target, int targetOffset) {
    try {
      sha256.digest(target, targetOffset, LENGTH);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 did not fit 32 bytes", e);
    }
  }
}
