package io.verillm.core.trace;

import io.verillm.core.trace.TraceFileFormat.Footer;
import io.verillm.core.trace.TraceFileFormat.Header;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@code .vtrace} file. The rows go to a temporary file beside the target, readable by its
 * owner only; {@link #finish} forces it to the disk and renames it. Whenever the process dies,
 * there is no file under the final name or a complete one. Not thread-safe.
 */
public final class TraceFileWriter implements TraceStore, AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final List<PositionEntry> entries = new ArrayList<>();
  private @Nullable Header header;
  private byte[] headerBytes = new byte[0];
  private boolean closed;

  private TraceFileWriter(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Opens a temporary file beside {@code target}.
   *
   * @throws FileAlreadyExistsException if the target exists
   */
  public static TraceFileWriter create(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    if (Files.exists(absolute)) {
      throw new FileAlreadyExistsException(absolute.toString());
    }
    Path temporary = Files.createTempFile(absolute.getParent(), ".vtrace-", ".part");
    return new TraceFileWriter(
        absolute, temporary, FileChannel.open(temporary, StandardOpenOption.WRITE));
  }

  @Override
  public void begin(TraceId id, TraceLayout layout, JobSecret secret) throws IOException {
    requireOpen();
    if (header != null) {
      throw new IllegalStateException("this file already holds a trace");
    }
    header = new Header(id, layout, secret);
    headerBytes = header.encode();
    write(
        ByteBuffer.allocate(TraceFileFormat.HEADER_OFFSET)
            .put(TraceFileFormat.START)
            .putInt(headerBytes.length)
            .flip());
    write(ByteBuffer.wrap(headerBytes));
  }

  @Override
  public void append(PositionEntry entry, @Nullable ByteBuffer rows) throws IOException {
    requireOpen();
    Header begun = requireBegun();
    int bytes = rows == null ? 0 : rows.remaining();
    int needed = entry.tokenRoot() == null ? 0 : begun.layout().bytesPerToken();
    if (entry.position() != entries.size() || bytes != needed) {
      throw new IllegalStateException(
          "expected position " + entries.size() + " with " + needed + " bytes, got " + bytes);
    }
    if (rows != null) {
      write(rows.duplicate());
    }
    entries.add(entry);
  }

  /**
   * Completes the file, forces it to the disk and gives it its name.
   *
   * @throws IllegalStateException if no trace was begun
   */
  public void finish() throws IOException {
    requireOpen();
    Header begun = requireBegun();
    byte[] footer = new Footer(entries, TraceFileFormat.logRoot(begun.id(), entries)).encode();
    write(ByteBuffer.wrap(footer));
    write(
        ByteBuffer.allocate(TraceFileFormat.TRAILER_BYTES)
            .putLong(footer.length)
            .put(Digest32.sha256(headerBytes, footer).toByteArray())
            .put(TraceFileFormat.END)
            .flip());
    channel.force(true);
    channel.close();
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    closed = true;
    forceDirectory(target.getParent());
  }

  /** Drops the temporary file unless {@link #finish} succeeded; harmless when repeated. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the writer is closed");
    }
  }

  private Header requireBegun() {
    Header begun = header;
    if (begun == null) {
      throw new IllegalStateException("no trace was begun");
    }
    return begun;
  }

  /** Makes the new name itself durable where the platform can open a directory. */
  private static void forceDirectory(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException e) {
      // Some platforms cannot open directories; the file itself is already on the disk.
      return;
    }
  }
}
