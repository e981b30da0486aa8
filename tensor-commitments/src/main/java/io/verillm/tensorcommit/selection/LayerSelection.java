package io.verillm.tensorcommit.selection;

import java.util.List;

/**
 * Disjoint intervals, one per verifier in the order of the budgets.
 *
 * @param intervals some may be empty
 * @param value sum of the scores of the layers in them
 */
public record LayerSelection(List<LayerInterval> intervals, double value) {
  /** Copies the list. */
  public LayerSelection {
    intervals = List.copyOf(intervals);
  }

  /** Whether some verifier has the layer. */
  public boolean contains(int layer) {
    return intervals.stream().anyMatch(interval -> interval.contains(layer));
  }
}
