package io.verillm.benchmarks.network;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.UnusableModelException;
import io.verillm.network.segment.LayerSegments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The last of L layer segments, none of which is longer, of one prefill of 128 tokens on the demo
 * model, on one thread, from boundary states of the size of normal ones.
 */
final class SegmentWork {
  static final int TOKENS = 128;

  private final TransformerExecutor executor;
  private final LayerRange longest;
  private final @Nullable TensorView boundary;
  private final int[] tokens;
  private final boolean logits;

  /**
   * Loads the model.
   *
   * @param segments L
   * @param logits whether the output projection is computed, which the last segment has on top of
   *     its layers
   */
  SegmentWork(int segments, boolean logits) throws IOException, UnusableModelException {
    Path folder = Files.createTempDirectory("verillm-benchmark");
    this.executor = Models.load(DemoModel.MAIN.copyTo(folder)).executor();
    this.logits = logits;
    List<LayerRange> cut = LayerSegments.even(executor.dimensions().layers(), segments);
    this.longest = cut.get(cut.size() - 1);
    if (executor.dimensions().layers() % segments != 0) {
      throw new IllegalArgumentException(
          "the last of " + segments + " segments is not the longest");
    }
    this.tokens = new Random(1).ints(TOKENS, 2, 250).toArray();
    this.boundary = longest.first() > 0 ? states(executor.dimensions().hidden()) : null;
  }

  private static TensorView states(int hidden) {
    ByteBuffer states = ByteBuffer.allocate(4 * TOKENS * hidden).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(2);
    while (states.hasRemaining()) {
      states.putFloat((float) random.nextGaussian());
    }
    return TensorView.of(DType.F32, Shape.of(TOKENS, hidden), states.flip());
  }

  /** Runs the segment and returns for how many positions logits came. */
  int run() {
    int[] seen = new int[1];
    executor.prefill(
        tokens,
        longest,
        boundary,
        CaptureSink.none(),
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return logits;
          }

          @Override
          public void accept(int position, float[] values) {
            seen[0]++;
          }
        });
    if (seen[0] != (logits ? TOKENS : 0)) {
      throw new IllegalStateException("would time a wrong answer");
    }
    return seen[0];
  }
}
