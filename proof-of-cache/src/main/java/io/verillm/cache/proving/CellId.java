package io.verillm.cache.proving;

/**
 * Names a cell: keys and values of one position in one layer.
 *
 * @param position at least 0
 * @param layer at least 1: layer 0 follows from the token alone
 */
public record CellId(int position, int layer) {
  /** Checks the ranges. */
  public CellId {
    if (position < 0 || layer < 1) {
      throw new IllegalArgumentException("position " + position + ", layer " + layer);
    }
  }
}
