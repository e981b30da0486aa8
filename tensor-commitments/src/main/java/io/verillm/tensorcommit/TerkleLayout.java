package io.verillm.tensorcommit;

import io.verillm.core.tensor.Shape;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.HashToField;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Which node of a Terkle tree has which children. Everything follows from shape and arity, so a
 * verifier never asks the proof. Level 0 are the bottom nodes; the last level is the root alone.
 * Immutable.
 */
final class TerkleLayout {
  private static final String TAG = "VERILLM-TERKLE-V1-NODE";

  private final String scheme;
  private final int[] arity;

  /**
   * extents[l] is the grid of the children of level l: the tensor for l = 0, else nodes of l − 1.
   */
  private final long[][] extents;

  TerkleLayout(String scheme, Shape shape, int[] arity) {
    this.scheme = scheme;
    this.arity = arity;
    int levels = 0;
    long[] grid = shape.toArray();
    java.util.List<long[]> all = new java.util.ArrayList<>();
    do {
      all.add(grid.clone());
      boolean single = true;
      for (int i = 0; i < grid.length; i++) {
        grid[i] = (grid[i] + arity[i] - 1) / arity[i];
        single &= grid[i] == 1;
      }
      levels++;
      if (single) {
        break;
      }
    } while (levels < 64);
    all.add(grid);
    this.extents = all.toArray(new long[0][]);
  }

  static void requireArity(int[] arity, int cells) {
    long product = 1;
    for (int a : arity) {
      product *= a;
      if (a < 2 || product > cells) {
        throw new IllegalArgumentException("arity does not fit a node of " + cells + " cells");
      }
    }
    if (arity.length < 1 || arity.length > Shape.MAX_RANK) {
      throw new IllegalArgumentException("arity for " + arity.length + " axes");
    }
  }

  /** Number of levels, at least 1. */
  int levels() {
    return extents.length - 1;
  }

  /** Number of nodes on a level. */
  int nodes(int level) {
    long product = 1;
    for (long extent : extents[level + 1]) {
      product *= extent;
    }
    return Math.toIntExact(product);
  }

  /** Nodes with the same coordinate on axis 0. */
  int nodesPerStep(int level) {
    return (int) (nodes(level) / extents[level + 1][0]);
  }

  private long[] unflatten(int level, int node) {
    long[] grid = extents[level + 1];
    long[] out = new long[grid.length];
    int rest = node;
    for (int i = grid.length - 1; i >= 0; i--) {
      out[i] = rest % grid[i];
      rest /= (int) grid[i];
    }
    return out;
  }

  private static int flatten(long[] grid, long[] index) {
    long flat = 0;
    for (int i = 0; i < grid.length; i++) {
      flat = flat * grid[i] + index[i];
    }
    return (int) flat;
  }

  /** The node of a level that holds a child, by the child's index. */
  int nodeOf(int level, long[] child) {
    long[] index = new long[child.length];
    for (int i = 0; i < child.length; i++) {
      index[i] = child[i] / arity[i];
    }
    return flatten(extents[level + 1], index);
  }

  /** The cell of its node that holds a child. */
  int cellOf(int level, long[] child) {
    int cell = 0;
    for (int i = 0; i < child.length; i++) {
      cell = cell * arity[i] + (int) (child[i] % arity[i]);
    }
    return cell;
  }

  int parent(int level, int node) {
    return nodeOf(level + 1, unflatten(level, node));
  }

  int cellInParent(int level, int node) {
    return cellOf(level + 1, unflatten(level, node));
  }

  /** Takes a cell and the number of the child in it. */
  interface ChildConsumer {
    void accept(int cell, long child);
  }

  private Region children(int level, int node) {
    long[] place = unflatten(level, node);
    long[] start = new long[place.length];
    long[] count = new long[place.length];
    for (int i = 0; i < place.length; i++) {
      start[i] = place[i] * arity[i];
      count[i] = Math.min(arity[i], extents[level][i] - start[i]);
    }
    return Region.block(start, count);
  }

  void forEachChild(int level, int node, ChildConsumer consumer) {
    long[] grid = extents[level];
    children(level, node)
        .forEach(index -> consumer.accept(cellOf(level, index), flatten(grid, index)));
  }

  /** The highest cell that has a child. */
  int lastCell(int level, int node) {
    int[] last = {0};
    forEachChild(level, node, (cell, child) -> last[0] = Math.max(last[0], cell));
    return last[0];
  }

  /**
   * What stands for a child in its parent: a hash to the field of scheme, arity, level, place,
   * extent and the child's whole commitment.
   */
  Fr digest(int level, int node, G1Point commitment) {
    byte[] name = scheme.getBytes(StandardCharsets.US_ASCII);
    long[] place = unflatten(level, node);
    Region children = children(level, node);
    ByteBuffer out = ByteBuffer.allocate(1 + name.length + 2 + 20 * arity.length + G1Point.BYTES);
    out.put((byte) name.length).put(name).put((byte) level).put((byte) arity.length);
    for (int i = 0; i < arity.length; i++) {
      out.putInt(arity[i]).putLong(place[i]).putLong(children.count(i));
    }
    return HashToField.scalar(TAG, out.put(commitment.encode()).array());
  }
}
