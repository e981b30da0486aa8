package io.verillm.examples.training;

import java.util.Random;

/**
 * Which windows of the token stream are trained on, in which order.
 *
 * <p>Each pass over the text starts at a random phase and visits every whole window once in random
 * order, so that no part is left out while the cuts fall elsewhere each time.
 */
final class WindowOrder {

  private final int tokens;
  private final int window;
  private final Random random;
  private int[] starts = {};
  private int next;

  /**
   * @param tokens length of the stream
   * @param window inputs per window; one more token is needed as the last target
   */
  WindowOrder(int tokens, int window, long seed) {
    if (tokens < 2 * window + 1) {
      throw new IllegalArgumentException(tokens + " tokens are too few for windows of " + window);
    }
    this.tokens = tokens;
    this.window = window;
    this.random = new Random(seed);
  }

  /** Returns the start of the next window. */
  int next() {
    if (next == starts.length) {
      shuffle();
    }
    return starts[next++];
  }

  private void shuffle() {
    int phase = random.nextInt(window);
    starts = new int[(tokens - 1 - phase) / window];
    for (int i = 0; i < starts.length; i++) {
      int other = random.nextInt(i + 1);
      starts[i] = starts[other];
      starts[other] = phase + i * window;
    }
    next = 0;
  }
}
