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
import io.verillm.network.segment.LayerSegments;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The longest of L layer segments of one prefill of 128 tokens on the demo model, on one thread, so
 * that time is processor time. With the output projection, which the last segment has on top of its
 * layers, and without, which shows the layers alone.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SegmentBenchmark {
  private static final int TOKENS = 128;

  @Param({"1", "2", "4"})
  int segments;

  @Param({"true", "false"})
  boolean logits;

  private TransformerExecutor executor;
  private LayerRange longest;
  private @Nullable TensorView boundary;
  private int[] tokens;

  /** Loads the model and makes boundary states of the size of normal ones. */
  @Setup
  public void prepare() throws Exception {
    Path folder = Files.createTempDirectory("verillm-benchmark");
    executor = Models.load(DemoModel.MAIN.copyTo(folder)).executor();
    List<LayerRange> cut = LayerSegments.even(executor.dimensions().layers(), segments);
    longest = cut.get(cut.size() - 1);
    tokens = new Random(1).ints(TOKENS, 2, 250).toArray();
    int hidden = executor.dimensions().hidden();
    if (longest.first() > 0) {
      ByteBuffer states = ByteBuffer.allocate(4 * TOKENS * hidden).order(ByteOrder.LITTLE_ENDIAN);
      Random random = new Random(2);
      while (states.hasRemaining()) {
        states.putFloat((float) random.nextGaussian());
      }
      boundary = TensorView.of(DType.F32, Shape.of(TOKENS, hidden), states.flip());
    }
  }

  /** Runs the segment. */
  @Benchmark
  public int longestSegment() {
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
    if (logits && seen[0] != TOKENS) {
      throw new IllegalStateException("would time a wrong answer");
    }
    return seen[0];
  }
}
