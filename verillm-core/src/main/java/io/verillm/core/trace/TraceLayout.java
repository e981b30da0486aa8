package io.verillm.core.trace;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A profile applied to a model: every row of a token with its size and its leaves. The size of a
 * token tree comes from here and never from a proof. Immutable.
 *
 * <p>A {@link TensorKind#COMMITMENT} comes after the row that it is a commitment to: the row's raw
 * bytes are read as little-endian words of 16 bits, an odd last byte as a word of its own, and
 * every {@value #WORDS_PER_POINT} of them are the first cells of one KZG commitment over the
 * Ethereum ceremony's setup of {@value #WORDS_PER_POINT} cells in the order of EIP-4844; the points
 * lie one after the other in their compressed form of {@value #POINT_BYTES} bytes. Here they are
 * bytes like any other: that they fit the row is for whoever knows the curve to check.
 */
public final class TraceLayout {
  /** Words of a row that one point of a commitment covers. */
  public static final int WORDS_PER_POINT = 4096;

  /** Bytes of one point of a commitment. */
  public static final int POINT_BYTES = 48;

  /** Most leaves of one token. */
  public static final int MAX_LEAVES = 1 << 22;

  /**
   * One row of every token.
   *
   * @param index place in the layout, from 0
   * @param dtype type of its elements
   * @param width number of elements
   * @param rowBytes {@code width} times the size of an element
   * @param byteOffset where it starts when all rows of a token lie one after the other
   * @param chunks number of leaves
   * @param firstLeaf index of its first leaf in the token tree
   */
  public record Row(
      int index,
      RowKey key,
      DType dtype,
      int width,
      int rowBytes,
      int byteOffset,
      int chunks,
      int firstLeaf) {}

  private final TraceProfile profile;
  private final ModelDimensions dimensions;
  private final List<Row> rows;
  private final Map<RowKey, Integer> indices;
  private final int leavesPerToken;
  private final int bytesPerToken;

  private TraceLayout(TraceProfile profile, ModelDimensions dimensions, List<Row> rows) {
    this.profile = profile;
    this.dimensions = dimensions;
    this.rows = List.copyOf(rows);
    this.indices = new HashMap<>();
    for (Row row : rows) {
      if (indices.put(row.key(), row.index()) != null) {
        throw new IllegalArgumentException("the profile names " + row.key() + " twice");
      }
    }
    Row last = rows.get(rows.size() - 1);
    this.leavesPerToken = last.firstLeaf() + last.chunks();
    this.bytesPerToken = last.byteOffset() + last.rowBytes();
  }

  /**
   * Applies a profile to a model.
   *
   * @throws IllegalArgumentException if the profile names a row twice, a block that the model does
   *     not have, or a commitment without its row before it, or if a token would have more than
   *     {@value #MAX_LEAVES} leaves
   */
  public static TraceLayout of(TraceProfile profile, ModelDimensions dimensions) {
    List<Row> rows = new ArrayList<>();
    Map<RowKey, Integer> known = new HashMap<>(); // bytes of the rows so far
    int leaf = 0;
    int offset = 0;
    for (TraceProfile.Entry entry : profile.entries()) {
      for (int layer : entry.layers().resolve(dimensions.layers())) {
        RowKey key = new RowKey(entry.kind(), entry.hook(), layer);
        int width =
            entry.kind() == TensorKind.COMMITMENT
                ? commitmentBytes(known.get(key.committed()), key)
                : width(entry.kind(), dimensions);
        long rowBytes = (long) width * entry.dtype().bytes();
        long chunks = (rowBytes + profile.chunkBytes() - 1) / profile.chunkBytes();
        if (chunks > 0x10000) {
          throw new IllegalArgumentException("a row of " + rowBytes + " bytes has too many chunks");
        }
        if (leaf + chunks > MAX_LEAVES || offset + rowBytes > Integer.MAX_VALUE - 8) {
          throw new IllegalArgumentException("a token of this profile and model is too large");
        }
        known.put(key, (int) rowBytes);
        rows.add(
            new Row(
                rows.size(),
                key,
                entry.dtype(),
                width,
                (int) rowBytes,
                offset,
                (int) chunks,
                leaf));
        leaf += (int) chunks;
        offset += (int) rowBytes;
      }
    }
    return new TraceLayout(profile, dimensions, rows);
  }

  private static int width(TensorKind kind, ModelDimensions dimensions) {
    return switch (kind) {
      case HIDDEN -> dimensions.hidden();
      case KEY -> dimensions.keyWidth();
      case VALUE -> dimensions.valueWidth();
      case COMMITMENT -> throw new IllegalArgumentException("its row says how wide it is");
    };
  }

  private static int commitmentBytes(@Nullable Integer rowBytes, RowKey key) {
    if (rowBytes == null) {
      throw new IllegalArgumentException(
          "the profile has " + key + " without " + key.committed() + " before it");
    }
    int words = (rowBytes + 1) / 2;
    return (words + WORDS_PER_POINT - 1) / WORDS_PER_POINT * POINT_BYTES;
  }

  /** The profile that was applied. */
  public TraceProfile profile() {
    return profile;
  }

  /** The model's sizes. */
  public ModelDimensions dimensions() {
    return dimensions;
  }

  /** All rows of a token, in the order of their leaves. */
  public List<Row> rows() {
    return rows;
  }

  /**
   * The row at a place.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public Row row(int index) {
    return rows.get(index);
  }

  /** The place of a row, or nothing if the profile does not have it. */
  public OptionalInt indexOf(RowKey key) {
    Integer index = indices.get(key);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /** Number of leaves in every token tree. */
  public int leavesPerToken() {
    return leavesPerToken;
  }

  /** Bytes of all rows of a token. */
  public int bytesPerToken() {
    return bytesPerToken;
  }

  /** Bytes of one chunk of a row: the profile's chunk, or what is left of the row. */
  public int chunkLength(Row row, int chunk) {
    return Math.min(profile.chunkBytes(), row.rowBytes() - chunk * profile.chunkBytes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TraceLayout that
        && profile.equals(that.profile)
        && dimensions.equals(that.dimensions);
  }

  @Override
  public int hashCode() {
    return 31 * profile.hashCode() + dimensions.hashCode();
  }

  @Override
  public String toString() {
    return rows.size()
        + " rows, "
        + leavesPerToken
        + " leaves, "
        + bytesPerToken
        + " bytes a token";
  }
}
