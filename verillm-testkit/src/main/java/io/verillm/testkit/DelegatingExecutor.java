package io.verillm.testkit;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Passes everything on; deviating executors override what they lie about. */
abstract class DelegatingExecutor implements ModelExecutor {
  private final ModelExecutor delegate;

  DelegatingExecutor(ModelExecutor delegate) {
    this.delegate = Objects.requireNonNull(delegate, "delegate");
  }

  final ModelExecutor delegate() {
    return delegate;
  }

  @Override
  public ExecutionClass describe() {
    return delegate.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return delegate.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return delegate.modelDigest();
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    delegate.prefill(tokens, layers, boundaryStates, capture, logits);
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return delegate.openSession(capacity, capture);
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    return delegate.decodeStep(session, token);
  }

  @Override
  public LayerResult layer(
      int layer,
      int firstPosition,
      TensorView inputRows,
      TensorView keyRows,
      TensorView valueRows) {
    return delegate.layer(layer, firstPosition, inputRows, keyRows, valueRows);
  }

  @Override
  public void close() {
    delegate.close();
  }
}
