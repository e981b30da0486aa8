package io.verillm.network.dispute;

import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;

/** How far one step's row may lie from its re-execution. A pure function, thread-safe. */
@FunctionalInterface
public interface StepLimit {
  /**
   * Whether a committed row is over the limit.
   *
   * @param committed as opened, shape [width]
   * @param rerun of the same shape and type
   */
  boolean isOver(RowKey key, TensorView committed, TensorView rerun);

  /** Every bit counts: for receipts that declare canonical arithmetic. */
  static StepLimit exact() {
    return (key, committed, rerun) -> RowDifference.compare(committed, rerun).unequal() > 0;
  }

  /**
   * A limit on ‖committed − rerun‖₂ / ‖rerun‖₂, computed in double in index order.
   *
   * <p>The figure has to come from honest runs of one step of the class, with their inputs taken
   * from the committed trace; end-to-end figures contain the drift of all steps below.
   *
   * @param largest above 0
   */
  static StepLimit relativeError(double largest) {
    if (!(largest > 0 && largest < 1)) {
      throw new IllegalArgumentException("a relative error limit lies in (0, 1), got " + largest);
    }
    return (key, committed, rerun) -> {
      float[] x = FloatTensors.toFloats(committed);
      float[] y = FloatTensors.toFloats(rerun);
      double distance = 0;
      double norm = 0;
      for (int i = 0; i < x.length; i++) {
        distance += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
        norm += (double) y[i] * y[i];
      }
      // Written so that NaN on either side is over the limit.
      return !(distance <= largest * largest * norm);
    };
  }
}
