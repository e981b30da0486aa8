package io.verillm.core.trace;

import io.verillm.core.trace.TraceFileFormat.Footer;
import io.verillm.core.trace.TraceFileFormat.Header;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * A finished {@code .vtrace} file, mapped for reading. Opening it checks every length, the header,
 * the footer and the root of the log; rows are checked against their token roots when they are
 * opened. Thread-safe. The mapping ends with this object; the file must not be shortened before.
 */
public final class TraceFile implements Trace {
  private static final long SEGMENT_BYTES = 1L << 30;

  private final Header header;
  private final Footer footer;
  private final int[] blocks;
  private final int blocksPerSegment;
  private final ByteBuffer[] segments;

  private TraceFile(Header header, Footer footer, int blocksPerSegment, ByteBuffer[] segments) {
    this.header = header;
    this.footer = footer;
    this.blocksPerSegment = blocksPerSegment;
    this.segments = segments;
    this.blocks = new int[footer.entries().size()];
    int next = 0;
    for (int position = 0; position < blocks.length; position++) {
      blocks[position] = footer.entries().get(position).tokenRoot() == null ? -1 : next++;
    }
  }

  /**
   * Opens a file.
   *
   * @throws MalformedMessageException if it is not a complete trace file
   * @throws IOException if it cannot be read
   */
  public static TraceFile open(Path path) throws IOException, MalformedMessageException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return read(channel);
    }
  }

  private static TraceFile read(FileChannel channel) throws IOException, MalformedMessageException {
    long size = channel.size();
    if (size < TraceFileFormat.HEADER_OFFSET + TraceFileFormat.TRAILER_BYTES) {
      throw new MalformedMessageException("trace-file", size, "too short");
    }
    ByteBuffer start = readAt(channel, 0, TraceFileFormat.HEADER_OFFSET);
    requireMagic(start, TraceFileFormat.START, 0);
    long trailerStart = size - TraceFileFormat.TRAILER_BYTES;
    ByteBuffer trailer = readAt(channel, trailerStart, TraceFileFormat.TRAILER_BYTES);
    long footerLength = trailer.getLong();
    byte[] checksum = new byte[Digest32.LENGTH];
    trailer.get(checksum);
    requireMagic(trailer, TraceFileFormat.END, size - TraceFileFormat.END.length);
    int headerLength = start.getInt();
    long room = trailerStart - TraceFileFormat.HEADER_OFFSET;
    if (headerLength < 0 || headerLength > TraceFileFormat.MAX_HEADER || headerLength > room) {
      throw new MalformedMessageException(
          "trace-file.header", TraceFileFormat.START.length, headerLength + " bytes");
    }
    if (footerLength < 0
        || footerLength > room - headerLength
        || footerLength > Integer.MAX_VALUE - 8) {
      throw new MalformedMessageException(
          "trace-file.footer", trailerStart, footerLength + " bytes");
    }
    byte[] headerBytes = readAt(channel, TraceFileFormat.HEADER_OFFSET, headerLength).array();
    long footerStart = trailerStart - footerLength;
    byte[] footerBytes = readAt(channel, footerStart, (int) footerLength).array();
    if (!Digest32.sha256(headerBytes, footerBytes).equals(Digest32.copyOf(checksum))) {
      throw new MalformedMessageException(
          "trace-file.checksum", trailerStart + Long.BYTES, "header or footer was changed");
    }
    Header header = Header.decode(headerBytes);
    Footer footer = Footer.decode(footerBytes, header);
    long rowsStart = TraceFileFormat.HEADER_OFFSET + (long) headerLength;
    long blocks = footer.entries().stream().filter(entry -> entry.tokenRoot() != null).count();
    long blockBytes = header.layout().bytesPerToken();
    if (footerStart - rowsStart != blocks * blockBytes) {
      throw new MalformedMessageException(
          "trace-file.rows",
          rowsStart,
          blocks
              + " positions need "
              + blocks * blockBytes
              + " bytes, there are "
              + (footerStart - rowsStart));
    }
    int perSegment = (int) Math.max(1, SEGMENT_BYTES / blockBytes);
    return new TraceFile(
        header, footer, perSegment, map(channel, rowsStart, blocks, blockBytes, perSegment));
  }

  private static ByteBuffer[] map(
      FileChannel channel, long start, long blocks, long blockBytes, int perSegment)
      throws IOException {
    int count = Math.toIntExact((blocks + perSegment - 1) / perSegment);
    ByteBuffer[] segments = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long first = (long) i * perSegment;
      long length = Math.min(perSegment, blocks - first) * blockBytes;
      segments[i] = channel.map(FileChannel.MapMode.READ_ONLY, start + first * blockBytes, length);
    }
    return segments;
  }

  private static ByteBuffer readAt(FileChannel channel, long offset, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return bytes.flip();
  }

  private static void requireMagic(ByteBuffer in, byte[] magic, long offset)
      throws MalformedMessageException {
    byte[] found = new byte[magic.length];
    in.get(found);
    if (!Arrays.equals(found, magic)) {
      throw new MalformedMessageException("trace-file.magic", offset, "not a trace file");
    }
  }

  @Override
  public TraceId id() {
    return header.id();
  }

  @Override
  public TraceLayout layout() {
    return header.layout();
  }

  @Override
  public JobSecret secret() {
    return header.secret();
  }

  @Override
  public int positions() {
    return footer.entries().size();
  }

  @Override
  public PositionEntry entry(int position) {
    return footer.entries().get(position);
  }

  /** The entries of all positions. */
  public List<PositionEntry> entries() {
    return List.copyOf(footer.entries());
  }

  @Override
  public ByteBuffer rows(int position) {
    int block = blocks[position];
    if (block < 0) {
      throw new IllegalArgumentException("position " + position + " has no rows");
    }
    int bytes = layout().bytesPerToken();
    return segments[block / blocksPerSegment].slice((block % blocksPerSegment) * bytes, bytes);
  }
}
