package io.verillm.core.spi;

import java.util.Arrays;
import java.util.Objects;

/**
 * The elements of largest magnitude of each row: places and bit patterns, largest first. Immutable;
 * equality by content.
 */
public final class LargestElements {
  private final int rows;
  private final int count;
  private final int[] places;
  private final int[] bits;

  /**
   * Takes over arrays of shape [rows, count], row-major.
   *
   * @throws IllegalArgumentException if a length is another one
   */
  public LargestElements(int rows, int count, int[] places, int[] bits) {
    if (places.length != rows * count || bits.length != places.length) {
      throw new IllegalArgumentException(places.length + " places for " + rows + " × " + count);
    }
    this.rows = rows;
    this.count = count;
    this.places = places;
    this.bits = bits;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Elements kept of each row. */
  public int count() {
    return count;
  }

  /** Index within its row of the element of the given rank, 0 for the largest. */
  public int place(int row, int rank) {
    return places[index(row, rank)];
  }

  /** Bit pattern of that element, in the low bits. */
  public int bits(int row, int rank) {
    return bits[index(row, rank)];
  }

  private int index(int row, int rank) {
    return Objects.checkIndex(row, rows) * count + Objects.checkIndex(rank, count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LargestElements that
        && rows == that.rows
        && count == that.count
        && Arrays.equals(places, that.places)
        && Arrays.equals(bits, that.bits);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(places) * 31 + Arrays.hashCode(bits);
  }

  @Override
  public String toString() {
    return "LargestElements[" + count + " of each of " + rows + " rows]";
  }
}
