package io.verillm.core.wire;

import java.io.IOException;

/**
 * A number that never falls, kept outside the file whose records it counts: in a hardware module,
 * on another machine, or in {@link FileCounter} on other storage. It tells a restored backup from
 * the file, which nothing inside the file can.
 */
public interface MonotonicCounter {
  /** The number, 0 at first. */
  long read() throws IOException;

  /** Raises the number and makes it durable; a smaller value changes nothing. */
  void advanceTo(long value) throws IOException;

  /** Remembers nothing: a restored backup is then not noticed. */
  static MonotonicCounter none() {
    return new MonotonicCounter() {
      @Override
      public long read() {
        return 0;
      }

      @Override
      public void advanceTo(long value) {}
    };
  }
}
