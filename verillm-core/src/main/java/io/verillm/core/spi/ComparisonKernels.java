package io.verillm.core.spi;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.RowDifference;
import java.util.List;

/**
 * Comparison and summary of rows. Exact: every provider gives the integers that the plain-Java one
 * gives, and refuses what it refuses. Thread-safe.
 */
public interface ComparisonKernels {
  /** Last counter word of the sketch's signs, which keeps this use of a key apart from others. */
  int SKETCH_DOMAIN = 2;

  /** Most values of a sketch. */
  int MAX_SKETCH = 4096;

  /** Most elements of a row that {@link #largest} keeps. */
  int MAX_LARGEST = 1024;

  /**
   * Compares row i of one run with row i of the other and sums over segments of rows.
   *
   * @param dtype BF16, F16 or F32
   * @param segmentEnds for each segment the row after its last one, ascending; the first segment
   *     starts at row 0 and the last one ends at the number of rows
   * @return one difference per segment
   * @throws IllegalArgumentException if shapes differ, a row is no whole number of elements, the
   *     type is another one, segments do not ascend or do not cover the rows, or the provider
   *     cannot read one of the memories
   */
  List<RowDifference> rowDifference(
      DType dtype, BufferView claimed, BufferView rerun, int[] segmentEnds);

  /**
   * Projects each row on random signs: {@code s(j) = Σ over i of σ(i, j) · q(x(i))}.
   *
   * <p>q(x) is x·2^16 rounded to nearest, ties to even, limited to ±(2^31 − 1), and 0 for NaN; sums
   * are 64-bit integers, so that their order does not matter. σ(i, j) is −1 if bit i mod 32 of word
   * ⌊i/32⌋ mod 4 of the Philox4x32-10 block with counter (⌊i/128⌋, j, 0, {@link #SKETCH_DOMAIN}) is
   * set, else 1; the key is (low, high) half of {@code key}. The squared distance of two rows'
   * sketches, divided by {@code outputs}, estimates the squared distance of the rows in units of
   * 2^−32.
   *
   * <p>Who knows the key can change a row without changing its sketch: draw the key after the rows
   * were committed.
   *
   * @param dtype BF16, F16 or F32
   * @param outputs values per sketch, 1 to {@link #MAX_SKETCH}
   * @return shape [rows, outputs], row-major
   * @throws IllegalArgumentException if a number is out of range or the provider cannot read the
   *     memory
   */
  long[] sketch(DType dtype, BufferView rows, long key, int outputs);

  /**
   * Keeps the elements of largest magnitude of each row. Magnitudes compare as bit patterns without
   * the sign, so that a NaN counts as larger than infinity; the lower index comes first among
   * equals.
   *
   * @param dtype BF16, F16 or F32
   * @param count elements to keep, 1 to the smaller of a row's elements and {@link #MAX_LARGEST}
   * @throws IllegalArgumentException if a number is out of range or the provider cannot read the
   *     memory
   */
  LargestElements largest(DType dtype, BufferView rows, int count);
}
