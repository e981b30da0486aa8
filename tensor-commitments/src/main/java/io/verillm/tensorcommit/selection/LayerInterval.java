package io.verillm.tensorcommit.selection;

/**
 * Consecutive layers that one verifier re-executes.
 *
 * @param from first layer, from 0
 * @param to layer behind the last; {@code from} if the verifier has none
 */
public record LayerInterval(int from, int to) {
  /** No layers. */
  public static final LayerInterval NONE = new LayerInterval(0, 0);

  /** Checks the order. */
  public LayerInterval {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("layers " + from + " to " + to);
    }
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return from == to;
  }

  /** Whether a layer is among them. */
  public boolean contains(int layer) {
    return layer >= from && layer < to;
  }
}
