package io.verillm.core.spi;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of bytes in host or device memory, borrowed: it has no {@code close} and dies with the
 * memory behind it. Immutable; not thread-safe while the memory's owner writes.
 *
 * <p>Row {@code i} is the {@code rowBytes} bytes from {@code i · rowStride} on. Elements are
 * little-endian; what they are stands at each kernel.
 */
public final class BufferView {
  /** Where the bytes are. */
  public enum Kind {
    /** A direct buffer, which native code can read in place. */
    HOST_DIRECT,
    /** An array on the Java heap. */
    HOST_HEAP,
    /** Memory of an accelerator, known by its address. */
    DEVICE
  }

  private final Kind kind;
  private final @Nullable ByteBuffer bytes;
  private final long address;
  private final int rows;
  private final int rowBytes;
  private final long rowStride;
  private final long stream;
  private final Object owner;

  private BufferView(
      Kind kind,
      @Nullable ByteBuffer bytes,
      long address,
      long length,
      int rows,
      int rowBytes,
      long rowStride,
      long stream,
      Object owner) {
    if (rows < 0 || rowBytes < 1 || rowStride < rowBytes) {
      throw new IllegalArgumentException(
          rows + " rows of " + rowBytes + " bytes every " + rowStride + " bytes");
    }
    long needed = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1L, rowStride), rowBytes);
    if (needed > length) {
      throw new IllegalArgumentException(
          rows
              + " rows of "
              + rowBytes
              + " bytes every "
              + rowStride
              + " need "
              + needed
              + " bytes, there are "
              + length);
    }
    this.kind = kind;
    this.bytes = bytes;
    this.address = address;
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.rowStride = rowStride;
    this.stream = stream;
    this.owner = Objects.requireNonNull(owner, "owner");
  }

  /**
   * Views the bytes between the buffer's position and its limit, rows one after the other.
   *
   * @throws IllegalArgumentException if they are not exactly {@code rows} rows
   */
  public static BufferView ofHost(ByteBuffer bytes, int rows, int rowBytes) {
    BufferView view = ofHost(bytes, rows, rowBytes, rowBytes);
    if (bytes.remaining() != (long) rows * rowBytes) {
      throw new IllegalArgumentException(
          bytes.remaining() + " bytes are not " + rows + " rows of " + rowBytes);
    }
    return view;
  }

  /**
   * Views rows between the buffer's position and its limit.
   *
   * @param rowStride bytes from the start of a row to the start of the next one
   * @throws IllegalArgumentException if they do not fit
   */
  public static BufferView ofHost(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
    return ofHost(bytes, rows, rowBytes, rowStride, bytes);
  }

  /**
   * Views rows in memory that the buffer itself does not keep alive, as that of native code.
   *
   * @param owner whoever keeps the memory alive; reachable as long as this view is
   */
  public static BufferView ofHost(
      ByteBuffer bytes, int rows, int rowBytes, long rowStride, Object owner) {
    ByteBuffer own = bytes.slice().asReadOnlyBuffer();
    return new BufferView(
        own.isDirect() ? Kind.HOST_DIRECT : Kind.HOST_HEAP,
        /* bytes= */ own,
        0,
        own.capacity(),
        rows,
        rowBytes,
        rowStride,
        0,
        owner);
  }

  /**
   * Views device memory.
   *
   * @param address where row 0 starts, as the device's driver names it; not 0
   * @param length bytes that may be read from there
   * @param stream queue in which the rows are written, as the driver names it; kernels read them
   *     after what was queued before
   * @param owner whoever keeps the memory alive; reachable as long as this view is
   * @throws IllegalArgumentException if the address is 0 or the rows do not fit
   */
  public static BufferView ofDevice(
      long address,
      long length,
      int rows,
      int rowBytes,
      long rowStride,
      long stream,
      Object owner) {
    if (address == 0) {
      throw new IllegalArgumentException("device address 0");
    }
    return new BufferView(
        Kind.DEVICE, null, address, length, rows, rowBytes, rowStride, stream, owner);
  }

  /** Where the bytes are. */
  public Kind kind() {
    return kind;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Bytes of each row. */
  public int rowBytes() {
    return rowBytes;
  }

  /** Bytes from the start of a row to the start of the next one. */
  public long rowStride() {
    return rowStride;
  }

  /** The same memory, seen from row {@code first} on for {@code count} rows. */
  public BufferView range(int first, int count) {
    Objects.checkFromIndexSize(first, count, rows);
    long from = count == 0 ? 0 : first * rowStride;
    long length = count == 0 ? 0 : (count - 1) * rowStride + rowBytes;
    ByteBuffer part =
        bytes == null ? null : bytes.slice(Math.toIntExact(from), Math.toIntExact(length));
    return new BufferView(
        kind, part, address + from, length, count, rowBytes, rowStride, stream, owner);
  }

  /** Whoever keeps the memory alive. */
  public Object owner() {
    return owner;
  }

  /**
   * The bytes of a row in host memory, read-only, in the byte order big-endian that slices have.
   *
   * @throws IllegalStateException if the rows are in device memory
   */
  public ByteBuffer row(int index) {
    Objects.checkIndex(index, rows);
    if (bytes == null) {
      throw new IllegalStateException("rows in device memory have no bytes here");
    }
    return bytes.slice(Math.toIntExact(index * rowStride), rowBytes);
  }

  /**
   * The bytes of {@code count} rows in host memory and of what lies between them, read-only.
   *
   * @param first first row
   * @throws IllegalStateException if the rows are in device memory
   */
  public ByteBuffer rows(int first, int count) {
    Objects.checkFromIndexSize(first, count, rows);
    if (bytes == null) {
      throw new IllegalStateException("rows in device memory have no bytes here");
    }
    long length = count == 0 ? 0 : (count - 1) * rowStride + rowBytes;
    return bytes.slice(Math.toIntExact(first * rowStride), Math.toIntExact(length));
  }

  /**
   * Address of row 0 in device memory.
   *
   * @throws IllegalStateException if the rows are in host memory
   */
  public long address() {
    requireDevice();
    return address;
  }

  /**
   * The queue in which the rows are written.
   *
   * @throws IllegalStateException if the rows are in host memory
   */
  public long stream() {
    requireDevice();
    return stream;
  }

  private void requireDevice() {
    if (kind != Kind.DEVICE) {
      throw new IllegalStateException("rows in host memory have no device address");
    }
  }

  @Override
  public String toString() {
    return kind + "[" + rows + " × " + rowBytes + " bytes every " + rowStride + "]";
  }
}
