package io.verillm.core.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes what a {@link TraceRecorder} commits, in order, and keeps it. One trace, one thread. */
public interface TraceStore {
  /**
   * Called once, before any position.
   *
   * @throws IllegalStateException if the store already holds a trace
   */
  void begin(TraceId id, TraceLayout layout, JobSecret secret) throws IOException;

  /**
   * Keeps one position.
   *
   * @param rows all rows in layout order, dead when the call returns; null exactly if the entry has
   *     no token root
   */
  void append(PositionEntry entry, @Nullable ByteBuffer rows) throws IOException;
}
