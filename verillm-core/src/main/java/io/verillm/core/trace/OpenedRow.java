package io.verillm.core.trace;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One whole row of a {@link TraceOpening}, with the salts of its leaves. What it is a row of, the
 * verifier's layout says. Immutable; compared by content.
 */
public final class OpenedRow {
  private final int rowIndex;
  private final byte[] data;
  private final byte[] salts;

  private OpenedRow(int rowIndex, byte[] data, byte[] salts) {
    if (rowIndex < 0) {
      throw new IllegalArgumentException("row " + rowIndex);
    }
    this.rowIndex = rowIndex;
    this.data = data;
    this.salts = salts;
  }

  /**
   * Copies a row.
   *
   * @param rowIndex place in the layout, from 0
   * @param data raw little-endian bytes
   * @param salts {@link ChunkLeaf#SALT_BYTES} bytes per leaf, in order
   */
  public static OpenedRow copyOf(int rowIndex, byte[] data, byte[] salts) {
    return new OpenedRow(rowIndex, data.clone(), salts.clone());
  }

  /** Place in the layout. */
  public int rowIndex() {
    return rowIndex;
  }

  /** Number of data bytes, as sent. */
  public int dataLength() {
    return data.length;
  }

  /** Number of salt bytes, as sent. */
  public int saltLength() {
    return salts.length;
  }

  /** Returns a copy of the data. */
  public byte[] data() {
    return data.clone();
  }

  /** Returns a copy of the salts. */
  public byte[] salts() {
    return salts.clone();
  }

  /** The row as a tensor of shape [width]; its length was checked before. */
  TensorView view(TraceLayout.Row row) {
    return TensorView.of(row.dtype(), Shape.of(row.width()), ByteBuffer.wrap(data));
  }

  byte[] chunk(TraceLayout layout, TraceLayout.Row row, int chunk) {
    int start = chunk * layout.profile().chunkBytes();
    return Arrays.copyOfRange(data, start, start + layout.chunkLength(row, chunk));
  }

  byte[] salt(int chunk) {
    int start = chunk * ChunkLeaf.SALT_BYTES;
    return Arrays.copyOfRange(salts, start, start + ChunkLeaf.SALT_BYTES);
  }

  void write(CborWriter out) {
    out.array(3).unsigned(rowIndex).bytes(data).bytes(salts);
  }

  static OpenedRow read(CborReader in) throws MalformedMessageException {
    in.arrayOf("opened-row", 3);
    int rowIndex = (int) in.unsigned("opened-row.index", Integer.MAX_VALUE);
    byte[] data = in.bytes("opened-row.data", Integer.MAX_VALUE);
    byte[] salts = in.bytes("opened-row.salts", Integer.MAX_VALUE);
    return new OpenedRow(rowIndex, data, salts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpenedRow that
        && rowIndex == that.rowIndex
        && Arrays.equals(data, that.data)
        && Arrays.equals(salts, that.salts);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rowIndex + Arrays.hashCode(data)) + Arrays.hashCode(salts);
  }

  @Override
  public String toString() {
    return "row " + rowIndex + ", " + data.length + " bytes";
  }
}
