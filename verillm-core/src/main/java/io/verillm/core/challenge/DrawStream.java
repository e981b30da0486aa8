package io.verillm.core.challenge;

import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Unbiased integers from a 32-byte seed, so that any language can redo a draw: block i is SHA-256
 * of a tag, the seed and i (64 bits big-endian), read as four unsigned 64-bit big-endian words; a
 * word at or above the largest multiple of the bound is thrown away. Not thread-safe.
 */
public final class DrawStream {
  private static final byte[] TAG = "verillm/draw/v1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] seed;
  private ByteBuffer words = ByteBuffer.allocate(0);
  private long block;

  /** Starts the stream of a seed. */
  public DrawStream(Digest32 seed) {
    this.seed = seed.toByteArray();
  }

  private long nextWord() {
    if (words.remaining() == 0) {
      byte[] counter = ByteBuffer.allocate(8).putLong(block++).array();
      words = ByteBuffer.wrap(Digest32.sha256(TAG, seed, counter).toByteArray());
    }
    return words.getLong();
  }

  /** Returns a uniform integer in [0, bound); the bound is at least 1. */
  public int nextBelow(int bound) {
    return (int) nextBelow((long) bound);
  }

  /** Returns a uniform integer in [0, bound); the bound is at least 1. */
  public long nextBelow(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound);
    }
    // 2^64 mod bound, in unsigned arithmetic: words below it are the surplus.
    long surplus = Long.remainderUnsigned(-bound, bound);
    long word = nextWord();
    while (Long.compareUnsigned(word, surplus) < 0) {
      word = nextWord();
    }
    return Long.remainderUnsigned(word, bound);
  }

  /** Draws {@code count} of 0 .. n−1 without replacement, in the order drawn (Fisher–Yates). */
  public int[] sample(int n, int count) {
    if (count < 0 || count > n) {
      throw new IllegalArgumentException("cannot draw " + count + " of " + n);
    }
    Map<Integer, Integer> moved = new HashMap<>();
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      int j = i + nextBelow(n - i);
      drawn[i] = moved.getOrDefault(j, j);
      moved.put(j, moved.getOrDefault(i, i));
    }
    return drawn;
  }
}
