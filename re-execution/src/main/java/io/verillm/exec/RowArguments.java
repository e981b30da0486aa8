package io.verillm.exec;

import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;

/** Checks rows that callers hand to an executor. */
public final class RowArguments {
  private RowArguments() {}

  /**
   * Checks shape and type.
   *
   * @param what name of the rows in the message
   * @throws IllegalArgumentException unless the rows have shape [count, width], or none are wanted
   *     and none are there, and their type widens to F32
   */
  public static void require(TensorView rows, int count, int width, String what) {
    boolean empty = count == 0 && rows.shape().elements() == 0;
    boolean fits = empty || rows.shape().equals(Shape.of(count, width));
    if (!fits || !FloatTensors.isConvertible(rows.dtype())) {
      throw new IllegalArgumentException(
          what
              + " are "
              + rows.dtype()
              + rows.shape()
              + ", expected a floating-point type of shape ["
              + count
              + ", "
              + width
              + "]");
    }
  }
}
