package io.verillm.network.dispute;

import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which rows of a trace a dispute needs. Steps are numbered by layer; the step above the last layer
 * is the draw of the next token.
 */
final class BisectionRows {
  private BisectionRows() {}

  /** Number of the step that draws tokens. */
  static int drawStep(TraceLayout layout) {
    return layout.dimensions().layers();
  }

  /** The states that {@code step} reads; those above the last layer are its output. */
  static RowKey statesBelow(TraceLayout layout, int step) {
    return step == layout.dimensions().layers()
        ? new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, step - 1)
        : new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, step);
  }

  static RowKey keys(int layer) {
    return new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer);
  }

  static RowKey values(int layer) {
    return new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer);
  }

  /** Whether a trace has all rows that any dispute may ask for. */
  static boolean canBeDisputed(TraceLayout layout) {
    for (int layer = 0; layer < layout.dimensions().layers(); layer++) {
      for (RowKey key : ofStep(layout, layer)) {
        if (layout.indexOf(key).isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<RowKey> ofStep(TraceLayout layout, int layer) {
    return List.of(
        statesBelow(layout, layer), keys(layer), values(layer), statesBelow(layout, layer + 1));
  }

  /**
   * What the prover has to open while {@code lower} to {@code upper} are in dispute: the states in
   * the middle, or all rows of the one step that is left.
   */
  static SortedMap<Integer, List<Integer>> due(
      TraceLayout layout, int lower, int upper, int positions) {
    List<RowKey> keys;
    boolean draw = upper - lower == 1 && lower == drawStep(layout);
    if (upper - lower > 1) {
      keys = List.of(statesBelow(layout, middle(lower, upper)));
    } else if (draw) {
      keys = List.of(statesBelow(layout, lower - 1));
    } else {
      keys = ofStep(layout, lower);
    }
    List<Integer> indices =
        keys.stream().map(key -> layout.indexOf(key).orElseThrow()).sorted().toList();
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
    for (int position = 0; position < positions; position++) {
      rows.put(position, indices);
    }
    if (draw) {
      rows.put(positions, List.of()); // the token that the last position drew
    }
    return rows;
  }

  static int middle(int lower, int upper) {
    return (lower + upper) >>> 1;
  }
}
