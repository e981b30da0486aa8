package io.verillm.core.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Whole files: a reader sees the old content or the new one, never a part. Thread-safe. */
public final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes under a temporary name beside the target, forces the bytes to disk, renames over the
   * target and forces the folder where the system can. A new file is readable by its owner only
   * where the file system has such permissions.
   *
   * @throws IOException if that fails; the target is then untouched
   */
  public static void write(Path target, byte[] content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("a folder's root cannot be written: " + target);
    }
    Path temporary = Files.createTempFile(folder, ".verillm", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      try {
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException("the file system cannot rename atomically: " + folder, e);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceFolder(folder);
  }

  /** Makes the rename itself survive a power cut; some systems cannot open a folder. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is complete either way; only its name may be lost with the power.
      return;
    }
  }

  /**
   * Reads a whole file.
   *
   * @throws IOException if it cannot be read or holds more than {@code maxBytes}; no more than that
   *     is read
   */
  public static byte[] read(Path source, int maxBytes) throws IOException {
    int limit = Math.min(maxBytes, Integer.MAX_VALUE - 16); // what an array can hold, and one more
    try (FileChannel channel = FileChannel.open(source, StandardOpenOption.READ)) {
      // The size can be 0 for a device and can change meanwhile: it only sizes the first buffer.
      long size = channel.size();
      if (size > limit) {
        throw tooLarge(source, limit);
      }
      byte[] content = new byte[(int) size];
      int filled = 0;
      while (true) {
        if (filled == content.length) {
          int larger = (int) Math.min(limit + 1L, Math.max(64, 2L * content.length));
          content = Arrays.copyOf(content, larger);
        }
        int count = channel.read(ByteBuffer.wrap(content, filled, content.length - filled));
        if (count < 0) {
          return Arrays.copyOf(content, filled);
        }
        filled += count;
        if (filled > limit) {
          throw tooLarge(source, limit);
        }
      }
    }
  }

  private static IOException tooLarge(Path source, int maxBytes) {
    return new IOException(source + " holds more than " + maxBytes + " bytes");
  }
}
