package io.verillm.network.worker;

import java.util.List;
import java.util.Optional;

/**
 * The sizes that work items come in. What a line shows of an item is its class and nothing finer.
 *
 * @param prefixTokens most tokens of the prefix
 * @param envelopeBytes bytes of the sealed envelope, whatever is inside
 */
public record SizeClass(int prefixTokens, int envelopeBytes) {
  /** Largest prefix of any class. */
  public static final int MAX_PREFIX = 1 << 17;

  private static final int ORDER_BYTES = 4096;
  private static final int BYTES_PER_TOKEN = 5;

  /** All classes, ascending: powers of two from 32 tokens on. */
  public static final List<SizeClass> ALL = all();

  private static List<SizeClass> all() {
    List<SizeClass> classes = new java.util.ArrayList<>();
    for (int tokens = 32; tokens <= MAX_PREFIX; tokens *= 2) {
      classes.add(new SizeClass(tokens, ORDER_BYTES + BYTES_PER_TOKEN * tokens));
    }
    return List.copyOf(classes);
  }

  /** The smallest class for a prefix; empty if it is longer than {@link #MAX_PREFIX}. */
  public static Optional<SizeClass> ofPrefix(int tokens) {
    return ALL.stream().filter(one -> tokens <= one.prefixTokens).findFirst();
  }

  /** The class whose envelopes have this length. */
  static Optional<SizeClass> ofEnvelope(int bytes) {
    return ALL.stream().filter(one -> one.envelopeBytes == bytes).findFirst();
  }
}
