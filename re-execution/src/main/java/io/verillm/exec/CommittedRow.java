package io.verillm.exec;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.core.verdict.CellDifference;
import java.nio.ByteBuffer;

/** Compares a committed row with a re-executed one, in the type it was committed in. */
final class CommittedRow {
  private CommittedRow() {}

  /**
   * Counts elements whose bits differ.
   *
   * @throws IllegalArgumentException if the committed type is not F32, or the widths differ
   */
  static CellDifference compare(RowKey key, int position, TensorView committed, TensorView rerun) {
    if (committed.dtype() != DType.F32 || rerun.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "rows of type " + committed.dtype() + " cannot be compared exactly yet");
    }
    long elements = committed.shape().elements();
    if (elements != rerun.shape().elements()) {
      throw new IllegalArgumentException(
          key + ": " + elements + " committed elements, " + rerun.shape().elements() + " rerun");
    }
    ByteBuffer one = committed.bytes();
    ByteBuffer other = rerun.bytes();
    long unequal = 0;
    while (one.hasRemaining()) {
      if (one.getInt() != other.getInt()) {
        unequal++;
      }
    }
    return new CellDifference(key, position, unequal, elements);
  }
}
