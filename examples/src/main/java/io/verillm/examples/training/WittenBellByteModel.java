package io.verillm.examples.training;

import java.util.HashMap;
import java.util.Map;

/**
 * A byte-level n-gram model with Witten-Bell interpolation: the baseline that a small neural model
 * has to beat.
 *
 * <p>With N occurrences of a context, T distinct bytes seen after it and c of them the byte asked
 * for, its probability is (c + T p) / (N + T), p being that of the context shortened by its oldest
 * byte; below the empty context p is 1/256. Source: Witten, Bell, "The Zero-Frequency Problem",
 * 1991, method C, in the interpolated form of Chen, Goodman, 1998, section 2.5.
 */
public final class WittenBellByteModel {

  private static final int LARGEST_ORDER = 6;

  /** Occurrences and distinct successors of one context. */
  private static final class Context {
    private long occurrences;
    private int successors;
  }

  private final int order;
  // Keys hold the context's bytes, its length and, for successors, the byte that follows.
  private final Map<Long, Context> contexts = new HashMap<>();
  private final Map<Long, Long> counts = new HashMap<>();

  /**
   * Counts a text.
   *
   * @param order context length in bytes, 0 to 6
   * @param training what is counted
   */
  public WittenBellByteModel(int order, byte[] training) {
    if (order < 0 || order > LARGEST_ORDER) {
      throw new IllegalArgumentException("order must be 0 to 6, got " + order);
    }
    this.order = order;
    for (int at = 0; at < training.length; at++) {
      for (int length = 0; length <= Math.min(order, at); length++) {
        long key = contextKey(training, at, length);
        Context context = contexts.computeIfAbsent(key, unused -> new Context());
        context.occurrences++;
        if (counts.merge(successorKey(key, training[at]), 1L, Long::sum) == 1) {
          context.successors++;
        }
      }
    }
  }

  /**
   * Returns the probability of the byte at a position, given up to {@code order} bytes before it.
   *
   * @param text any bytes
   * @param at position of the byte asked for
   * @return above 0, at most 1
   */
  public double probability(byte[] text, int at) {
    double probability = 1.0 / 256;
    for (int length = 0; length <= Math.min(order, at); length++) {
      long key = contextKey(text, at, length);
      Context context = contexts.get(key);
      if (context == null) {
        // An unseen context has no unseen extension either: longer ones add nothing.
        return probability;
      }
      long count = counts.getOrDefault(successorKey(key, text[at]), 0L);
      probability =
          (count + context.successors * probability) / (context.occurrences + context.successors);
    }
    return probability;
  }

  /** Returns the mean cost of a text in bits per byte. */
  public double bitsPerByte(byte[] text) {
    double nats = 0;
    for (int at = 0; at < text.length; at++) {
      nats -= StrictMath.log(probability(text, at));
    }
    return nats / StrictMath.log(2) / text.length;
  }

  private static long contextKey(byte[] text, int at, int length) {
    long key = length;
    for (int i = at - length; i < at; i++) {
      key = key << 8 | (text[i] & 0xFF);
    }
    return key;
  }

  private static long successorKey(long contextKey, byte next) {
    return contextKey << 8 | (next & 0xFF);
  }
}
