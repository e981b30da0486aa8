package io.verillm.core.spi;

import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;

/** Receives rows while a model runs. Called on the thread that runs the model. */
public interface CaptureSink {
  /** Whether rows of this key are wanted; the answer must not change during a run. */
  boolean wants(RowKey key);

  /**
   * Receives the rows of consecutive positions.
   *
   * @param firstPosition position of the first row, counted from 0 over prompt and output
   * @param rows shape [positions, width]; dies when the call returns
   */
  void accept(RowKey key, int firstPosition, TensorView rows);

  /** A sink that wants nothing. */
  static CaptureSink none() {
    return new CaptureSink() {
      @Override
      public boolean wants(RowKey key) {
        return false;
      }

      @Override
      public void accept(RowKey key, int firstPosition, TensorView rows) {}
    };
  }
}
