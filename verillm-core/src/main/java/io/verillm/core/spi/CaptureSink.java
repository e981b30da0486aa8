package io.verillm.core.spi;

import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import java.util.List;

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

  /**
   * Rows that this sink would rather read where they lie, all rows of a step at once; empty if it
   * takes copies through {@link #accept} only. An engine that keeps all of them in memory of its
   * own until the sequence ends may call {@link #acceptInPlace} instead of {@link #accept}; one
   * that does not need not know of this.
   *
   * @param memory where the engine's rows are
   */
  default List<RowKey> readableInPlace(BufferView.Kind memory) {
    return List.of();
  }

  /**
   * Reads the rows of consecutive positions where they lie.
   *
   * @param firstPosition position of the first row to read
   * @param positions number of positions, at least 1
   * @param rows one view per key of {@link #readableInPlace}, in its order; row p belongs to
   *     position p. They may be read until {@link #releaseInPlace} returns, by any thread, and rows
   *     once shown do not change
   */
  default void acceptInPlace(int firstPosition, int positions, List<BufferView> rows) {
    throw new UnsupportedOperationException("this sink takes copies only");
  }

  /**
   * Called before memory that was shown in place is released, perhaps because a run failed; nothing
   * of it is read once this returns or throws.
   */
  default void releaseInPlace() {}

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
