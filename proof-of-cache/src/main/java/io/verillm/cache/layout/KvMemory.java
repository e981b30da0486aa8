package io.verillm.cache.layout;

import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Bytes of a cache, borrowed and never copied as a whole: a direct buffer that an engine writes to,
 * a mapped file or a tensor of one. Of any size; a run that is read at once is at most {@value
 * #LONGEST_RUN} bytes. Thread-safe for reading while nobody writes.
 */
public final class KvMemory {
  /** Most bytes of one run. */
  public static final int LONGEST_RUN = 1 << 24;

  /** Windows overlap by the longest run, so that every run lies in one of them. */
  private static final int STEP = 1 << 29;

  private final ByteBuffer[] windows;
  private final long size;

  private KvMemory(ByteBuffer[] windows, long size) {
    this.windows = windows;
    this.size = size;
  }

  /** Maps a part of something large. */
  @FunctionalInterface
  private interface Mapper {
    ByteBuffer map(long offset, int length) throws IOException;
  }

  private static KvMemory mapped(long size, Mapper mapper) throws IOException {
    ByteBuffer[] windows = new ByteBuffer[Math.max(1, Math.toIntExact((size + STEP - 1) / STEP))];
    for (int i = 0; i < windows.length; i++) {
      long from = (long) i * STEP;
      int length = (int) Math.min(size - from, (long) STEP + LONGEST_RUN);
      windows[i] = mapper.map(from, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    return new KvMemory(windows, size);
  }

  /** The bytes between a buffer's position and its limit, which the caller keeps alive. */
  public static KvMemory of(ByteBuffer bytes) {
    ByteBuffer own = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (own.capacity() <= STEP + LONGEST_RUN) {
      return new KvMemory(new ByteBuffer[] {own}, own.capacity());
    }
    ByteBuffer[] windows = new ByteBuffer[(own.capacity() - 1) / STEP + 1];
    for (int i = 0; i < windows.length; i++) {
      int from = i * STEP;
      windows[i] =
          own.slice(from, Math.min(own.capacity() - from, STEP + LONGEST_RUN))
              .order(ByteOrder.LITTLE_ENDIAN);
    }
    return new KvMemory(windows, own.capacity());
  }

  /** Maps a whole file. */
  public static KvMemory map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return mapped(
          channel.size(),
          (from, length) -> channel.map(FileChannel.MapMode.READ_ONLY, from, length));
    }
  }

  /**
   * A tensor of a mapped file.
   *
   * @throws IllegalArgumentException if there is no such tensor
   */
  public static KvMemory of(SafetensorsReader reader, String name) {
    TensorEntry entry = reader.entry(name);
    try {
      return mapped(entry.byteLength(), (from, length) -> reader.bytes(name, from, length).slice());
    } catch (IOException e) {
      throw new IllegalStateException("a mapped file needs no reading", e);
    }
  }

  /** Number of bytes. */
  public long size() {
    return size;
  }

  /**
   * Copies a run.
   *
   * @throws IndexOutOfBoundsException if it leaves the memory
   */
  void get(long offset, byte[] into, int at, int length) {
    Objects.checkFromIndexSize(offset, /* size= */ length, /* length= */ size);
    int window = (int) (offset / STEP);
    windows[window].get((int) (offset - (long) window * STEP), into, at, length);
  }

  /** A little-endian float. */
  float getFloat(long offset) {
    Objects.checkFromIndexSize(offset, Float.BYTES, size);
    int window = (int) (offset / STEP);
    return windows[window].getFloat((int) (offset - (long) window * STEP));
  }
}
