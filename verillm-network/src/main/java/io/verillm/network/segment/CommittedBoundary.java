package io.verillm.network.segment;

import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import java.util.Optional;

/** Finds the committed states between two layers, from which the upper segment starts. */
final class CommittedBoundary {
  private CommittedBoundary() {}

  /**
   * The committed states below a layer: its input, or the output of the layer beneath.
   *
   * @param layer at least 1
   * @param positions number of fed tokens
   * @return F32, shape [positions, hidden]; empty unless the row of every position was opened and
   *     recorded, not loaded from a reused prefix: a segment that starts from states nobody vouches
   *     for checks nothing
   */
  static Optional<TensorView> below(int layer, OpeningOutcome.Verified opened, int positions) {
    return states(new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer), opened, positions)
        .or(
            () ->
                states(
                    new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer - 1),
                    opened,
                    positions));
  }

  private static Optional<TensorView> states(
      RowKey key, OpeningOutcome.Verified opened, int positions) {
    if (opened.layout().indexOf(key).isEmpty()) {
      return Optional.empty();
    }
    int width = opened.layout().dimensions().hidden();
    float[] all = new float[Math.multiplyExact(positions, width)];
    for (int position = 0; position < positions; position++) {
      Optional<TensorView> row = opened.row(position, key);
      if (row.isEmpty() || opened.entry(position).map(PositionEntry::loaded).orElse(true)) {
        return Optional.empty();
      }
      FloatTensors.toFloats(row.get(), 0, all, position * width, width);
    }
    return Optional.of(TensorView.copyOf(Shape.of(positions, width), all));
  }
}
