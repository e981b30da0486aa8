package io.verillm.core.tensor;

import java.util.Arrays;

/** The lengths of a tensor's axes, outermost first. Immutable; rank 0 is a scalar. */
public final class Shape {
  /** Highest rank that is accepted anywhere. */
  public static final int MAX_RANK = 8;

  private final long[] dimensions;
  private final long elements;

  private Shape(long[] owned) {
    if (owned.length > MAX_RANK) {
      throw new IllegalArgumentException("rank " + owned.length + " is above " + MAX_RANK);
    }
    long product = 1;
    for (long dimension : owned) {
      if (dimension < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(owned));
      }
      product = Math.multiplyExact(product, dimension);
    }
    this.dimensions = owned;
    this.elements = product;
  }

  /**
   * Makes a shape.
   *
   * @throws IllegalArgumentException if a dimension is negative or the rank is above {@value
   *     #MAX_RANK}
   * @throws ArithmeticException if the number of elements does not fit 63 bits
   */
  public static Shape of(long... dimensions) {
    return new Shape(dimensions.clone());
  }

  /** Number of axes. */
  public int rank() {
    return dimensions.length;
  }

  /** Length of an axis, counted from the outermost. */
  public long dimension(int axis) {
    return dimensions[axis];
  }

  /** Product of all dimensions; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** Returns a copy of the dimensions. */
  public long[] toArray() {
    return dimensions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dimensions, that.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  @Override
  public String toString() {
    return Arrays.toString(dimensions);
  }
}
