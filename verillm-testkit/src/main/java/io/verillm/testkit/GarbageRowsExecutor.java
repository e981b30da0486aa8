package io.verillm.testkit;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.stats.random.SplitMix64;
import org.jspecify.annotations.Nullable;

/**
 * Computes as the model does and gives away noise in place of every row, as long as the row: what a
 * prover commits that means to compute the rows once it is asked for them.
 */
public final class GarbageRowsExecutor extends DelegatingExecutor {
  /** Makes one over what computes the tokens. */
  public GarbageRowsExecutor(ModelExecutor computing) {
    super(computing);
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    delegate().prefill(tokens, layers, boundaryStates, new Noise(capture), logits);
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return delegate().openSession(capacity, new Noise(capture));
  }

  private record Noise(CaptureSink target) implements CaptureSink {
    @Override
    public boolean wants(RowKey key) {
      return target.wants(key);
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      float[] values = rows.toFloats();
      int width = Math.toIntExact(rows.shape().dimension(1));
      for (int row = 0; row < values.length / width; row++) {
        SplitMix64 random =
            SplitMix64.stream(key.layer() * 256L + key.kind().code(), firstPosition + (long) row);
        double norm = 0;
        double length = 0;
        double[] noise = new double[width];
        for (int i = 0; i < width; i++) {
          noise[i] = random.nextGaussian();
          norm += values[row * width + i] * (double) values[row * width + i];
          length += noise[i] * noise[i];
        }
        for (int i = 0; i < width; i++) {
          values[row * width + i] = (float) (noise[i] * Math.sqrt(norm / length));
        }
      }
      target.accept(
          key, firstPosition, TensorView.copyOf(Shape.of(values.length / width, width), values));
    }
  }
}
