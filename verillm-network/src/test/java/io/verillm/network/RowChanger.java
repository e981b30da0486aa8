package io.verillm.network;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.core.wire.Digest32;
import org.jspecify.annotations.Nullable;

/** Computes honestly and records one row otherwise than it was. */
public class RowChanger implements ModelExecutor {
  private final ModelExecutor honest;
  private final RowKey key;
  private final int position;
  private final float factor;

  public RowChanger(ModelExecutor honest, RowKey key, int position, float factor) {
    this.honest = honest;
    this.key = key;
    this.position = position;
    this.factor = factor;
  }

  private CaptureSink changing(CaptureSink sink) {
    return new CaptureSink() {
      @Override
      public boolean wants(RowKey wanted) {
        return sink.wants(wanted);
      }

      @Override
      public void accept(RowKey emitted, int firstPosition, TensorView rows) {
        int count = (int) rows.shape().dimension(0);
        if (emitted.equals(key) && firstPosition <= position && position < firstPosition + count) {
          float[] all = rows.toFloats();
          int width = all.length / count;
          all[(position - firstPosition) * width + width / 2] *= factor;
          sink.accept(emitted, firstPosition, TensorView.copyOf(rows.shape(), all));
        } else {
          sink.accept(emitted, firstPosition, rows);
        }
      }
    };
  }

  @Override
  public ExecutionClass describe() {
    return honest.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return honest.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return honest.modelDigest();
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    honest.prefill(tokens, layers, boundaryStates, changing(capture), logits);
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return honest.openSession(capacity, changing(capture));
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    return honest.decodeStep(session, token);
  }

  @Override
  public LayerResult layer(int layer, int first, TensorView in, TensorView k, TensorView v) {
    return honest.layer(layer, first, in, k, v);
  }

  @Override
  public void close() {}
}
