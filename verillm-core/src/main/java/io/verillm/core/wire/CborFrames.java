package io.verillm.core.wire;

import java.util.Arrays;

/**
 * The open containers of a CBOR item: how many items each still expects, and the last map key.
 *
 * <p>Reader and writer share it, so that they cannot disagree on what is canonical.
 */
final class CborFrames {
  /** Deepest nesting; the outermost container is level 1. */
  static final int MAX_DEPTH = 16;

  private final long[] remaining = new long[MAX_DEPTH];
  private final boolean[] isMap = new boolean[MAX_DEPTH];
  private final boolean[] hasKey = new boolean[MAX_DEPTH];
  private final long[] lastKey = new long[MAX_DEPTH];
  private int depth;
  private boolean complete;

  /** Whether the one top-level item is complete. */
  boolean isComplete() {
    return complete;
  }

  boolean isFull() {
    return depth == MAX_DEPTH;
  }

  /** Whether the next item must be a map key. */
  boolean expectsKey() {
    return depth > 0 && isMap[depth - 1] && (remaining[depth - 1] & 1) == 0;
  }

  /** Opens a container in the place of the next item. */
  void open(boolean map, int entries) {
    if (entries == 0) {
      completeItem();
      return;
    }
    remaining[depth] = map ? 2L * entries : entries;
    isMap[depth] = map;
    hasKey[depth] = false;
    depth++;
  }

  /** Whether {@code key} may follow the map's previous key, in the order of the encodings. */
  boolean isAscending(long key) {
    int top = depth - 1;
    return !hasKey[top] || compareEncodings(lastKey[top], key) < 0;
  }

  void completeKey(long key) {
    lastKey[depth - 1] = key;
    hasKey[depth - 1] = true;
    remaining[depth - 1]--;
  }

  /** Counts one item, and every container that it completes. */
  void completeItem() {
    while (depth > 0) {
      if (--remaining[depth - 1] > 0) {
        return;
      }
      depth--;
    }
    complete = true;
  }

  /** Non-negative keys come first, then negative ones away from zero: -1 before -2. */
  private static int compareEncodings(long left, long right) {
    if ((left < 0) != (right < 0)) {
      return left < 0 ? 1 : -1;
    }
    return left < 0 ? Long.compare(right, left) : Long.compare(left, right);
  }

  @Override
  public String toString() {
    return "depth " + depth + ", open items " + Arrays.toString(Arrays.copyOf(remaining, depth));
  }
}
