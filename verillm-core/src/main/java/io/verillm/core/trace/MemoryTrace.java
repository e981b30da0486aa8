package io.verillm.core.trace;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trace on the heap: a {@link TraceStore} that is readable as a {@link Trace} at any time. For
 * short answers and tests; {@link TraceFileWriter} is for the rest. Not thread-safe while it grows.
 */
public final class MemoryTrace implements Trace, TraceStore {
  private final List<PositionEntry> entries = new ArrayList<>();
  private final List<@Nullable ByteBuffer> rows = new ArrayList<>();
  private @Nullable TraceId id;
  private @Nullable TraceLayout layout;
  private @Nullable JobSecret secret;

  /** Makes an empty store. */
  public MemoryTrace() {}

  @Override
  public void begin(TraceId id, TraceLayout layout, JobSecret secret) {
    if (this.id != null) {
      throw new IllegalStateException("this store already holds a trace");
    }
    this.id = id;
    this.layout = layout;
    this.secret = secret;
  }

  @Override
  public void append(PositionEntry entry, @Nullable ByteBuffer tokenRows) {
    begun(id);
    ByteBuffer copy = null;
    if (tokenRows != null) {
      copy = ByteBuffer.allocate(tokenRows.remaining()).put(tokenRows.duplicate()).flip();
    }
    entries.add(entry);
    rows.add(copy);
  }

  @Override
  public TraceId id() {
    return begun(id);
  }

  @Override
  public TraceLayout layout() {
    return begun(layout);
  }

  @Override
  public JobSecret secret() {
    return begun(secret);
  }

  @Override
  public int positions() {
    return entries.size();
  }

  @Override
  public PositionEntry entry(int position) {
    return entries.get(position);
  }

  @Override
  public ByteBuffer rows(int position) {
    ByteBuffer kept = rows.get(position);
    if (kept == null) {
      throw new IllegalArgumentException("position " + position + " has no rows");
    }
    return kept.asReadOnlyBuffer();
  }

  private static <T> T begun(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("no trace was begun");
    }
    return value;
  }
}
