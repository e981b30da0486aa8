package io.verillm.core.tensor;

import io.verillm.core.wire.MalformedMessageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One mapped safetensors file. Immutable.
 *
 * <p>A mapping holds at most {@code window} bytes. Neighbouring tensors share one; a tensor larger
 * than that gets several that overlap by half, so that any run of up to half a window lies in one.
 */
final class SafetensorsFile {
  /** What one {@link FileChannel#map} can give. */
  static final int LARGEST_WINDOW = Integer.MAX_VALUE;

  private final Path path;
  private final SafetensorsHeader header;
  private final int window;
  private final Map<String, Piece> pieces;

  private SafetensorsFile(
      Path path, SafetensorsHeader header, int window, Map<String, Piece> pieces) {
    this.path = path;
    this.header = header;
    this.window = window;
    this.pieces = pieces;
  }

  /**
   * Where a tensor's bytes are: in the first mapping from {@code offset} on, or spread over all.
   */
  private record Piece(List<ByteBuffer> mappings, int offset) {}

  static SafetensorsFile open(Path path, int window) throws IOException, MalformedMessageException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer first = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES);
      readFully(channel, first, 0, size);
      int headerBytes = SafetensorsHeader.decodeLength(first.flip(), size);
      byte[] json = new byte[headerBytes];
      readFully(channel, ByteBuffer.wrap(json), SafetensorsHeader.LENGTH_BYTES, size);
      long dataStart = SafetensorsHeader.LENGTH_BYTES + (long) headerBytes;
      SafetensorsHeader header = SafetensorsHeader.decode(json, size - dataStart);
      return new SafetensorsFile(
          path, header, window, map(channel, dataStart, header.entries(), window));
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long position, long size)
      throws IOException {
    long at = position;
    while (into.hasRemaining() && at < size) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException("file became shorter while it was read");
      }
      at += count;
    }
  }

  private static Map<String, Piece> map(
      FileChannel channel, long dataStart, Map<String, TensorEntry> entries, int window)
      throws IOException {
    List<TensorEntry> byOffset = new ArrayList<>(entries.values());
    byOffset.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    Map<String, Piece> pieces = new HashMap<>();
    int next = 0;
    while (next < byOffset.size()) {
      long begin = byOffset.get(next).begin();
      if (byOffset.get(next).byteLength() > window) {
        TensorEntry large = byOffset.get(next++);
        pieces.put(large.name(), new Piece(mapLarge(channel, dataStart, large, window), 0));
        continue;
      }
      int after = next;
      while (after < byOffset.size() && byOffset.get(after).end() - begin <= window) {
        after++;
      }
      long length = byOffset.get(after - 1).end() - begin;
      List<ByteBuffer> mapping =
          List.of(channel.map(FileChannel.MapMode.READ_ONLY, dataStart + begin, length));
      for (TensorEntry entry : byOffset.subList(next, after)) {
        pieces.put(entry.name(), new Piece(mapping, (int) (entry.begin() - begin)));
      }
      next = after;
    }
    return pieces;
  }

  private static List<ByteBuffer> mapLarge(
      FileChannel channel, long dataStart, TensorEntry entry, int window) throws IOException {
    int stride = window / 2;
    List<ByteBuffer> mappings = new ArrayList<>();
    for (long at = 0; at < entry.byteLength(); at += stride) {
      mappings.add(
          channel.map(
              FileChannel.MapMode.READ_ONLY,
              dataStart + entry.begin() + at,
              Math.min(window, entry.byteLength() - at)));
    }
    return mappings;
  }

  Path path() {
    return path;
  }

  SafetensorsHeader header() {
    return header;
  }

  /** Whether the run can be seen through one buffer. */
  boolean isContiguous(TensorEntry entry, long offset, long length) {
    return length <= window
        && (entry.byteLength() <= window || offset % (window / 2) + length <= window);
  }

  /** A view of {@code length} bytes of a tensor, see {@link #isContiguous}. */
  ByteBuffer slice(TensorEntry entry, long offset, int length) {
    Piece piece = java.util.Objects.requireNonNull(pieces.get(entry.name()), "entry");
    if (entry.byteLength() <= window) {
      return piece.mappings().get(0).slice(piece.offset() + (int) offset, length);
    }
    int stride = window / 2;
    return piece.mappings().get((int) (offset / stride)).slice((int) (offset % stride), length);
  }
}
