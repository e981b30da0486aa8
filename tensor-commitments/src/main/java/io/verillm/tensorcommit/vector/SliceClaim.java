package io.verillm.tensorcommit.vector;

import java.util.Objects;

/**
 * The claim that a slice of a grid, with the coordinates of some axes fixed, has given values.
 * Immutable as long as nobody writes to the values.
 */
public final class SliceClaim {
  private final int vector;
  private final int fixedAxes;
  private final int[] coordinates;
  private final Cells values;

  /**
   * Makes a claim.
   *
   * @param vector which of the commitments, from 0
   * @param fixedAxes bit i is set if axis i is fixed; at least one
   * @param coordinates one per axis; those of free axes are 0
   * @param values of the free axes' grid, row-major; one value if all axes are fixed
   */
  public SliceClaim(int vector, int fixedAxes, int[] coordinates, Cells values) {
    this.vector = vector;
    this.fixedAxes = fixedAxes;
    this.coordinates = coordinates.clone();
    this.values = Objects.requireNonNull(values, "values");
  }

  int vector() {
    return vector;
  }

  int fixedAxes() {
    return fixedAxes;
  }

  int axes() {
    return coordinates.length;
  }

  int coordinate(int axis) {
    return coordinates[axis];
  }

  Cells values() {
    return values;
  }
}
