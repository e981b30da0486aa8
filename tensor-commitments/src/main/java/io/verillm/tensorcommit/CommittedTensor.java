package io.verillm.tensorcommit;

import io.verillm.core.tensor.TensorView;

/** A prover's side of a commitment: the elements and what opens them. Belongs to one thread. */
public interface CommittedTensor {
  /** The commitment as it is now. */
  TensorRoot root();

  /** The raw little-endian bytes of a region's elements. */
  byte[] read(Region region);

  /**
   * Changes the elements of a region.
   *
   * @param values raw little-endian bytes in row-major order
   * @throws IllegalArgumentException if the region leaves the tensor, the bytes are not as many as
   *     it needs, or an element is not a number where the scheme refuses that
   */
  void update(Region region, byte[] values);

  /**
   * Appends along the first axis.
   *
   * @param rows of the same type and the same other axes
   * @throws IllegalArgumentException if they are not, or the scheme's setup has no room
   */
  void append(TensorView rows);
}
