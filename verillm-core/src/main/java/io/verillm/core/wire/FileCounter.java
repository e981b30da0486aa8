package io.verillm.core.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A counter in a file of its own, replaced atomically. It helps only on storage that is not in the
 * same backup as what it counts. Not thread-safe.
 */
public final class FileCounter implements MonotonicCounter {
  private static final int MAX_BYTES = 32;

  private final Path file;

  /** Takes the counter of a file, which need not exist yet. */
  public FileCounter(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException if the file cannot be read or holds no number
   */
  @Override
  public long read() throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    String text = new String(AtomicFile.read(file, MAX_BYTES), StandardCharsets.US_ASCII);
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds no number", e);
    }
    throw new IOException(file + " holds a negative number");
  }

  @Override
  public void advanceTo(long value) throws IOException {
    if (value > read()) {
      AtomicFile.write(file, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
  }
}
