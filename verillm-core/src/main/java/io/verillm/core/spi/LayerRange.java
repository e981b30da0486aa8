package io.verillm.core.spi;

/**
 * Contiguous transformer blocks.
 *
 * @param first first block, inclusive
 * @param end last block, exclusive
 */
public record LayerRange(int first, int end) {
  /** Refuses empty and negative ranges. */
  public LayerRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("not a layer range: " + first + ".." + end);
    }
  }
}
