package io.verillm.benchmarks;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.LayerSelection;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceStore;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One token of 256 KiB (16 rows of 4096 floats) through the recorder: salts, 1 KiB leaves, token
 * tree and log, kept nowhere. 262144 bytes divided by the time is the rate.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TokenCommitmentBenchmark {
  private static final int POSITIONS = 1 << 20;

  @Param({"1024"})
  int chunkBytes;

  private Map<RowKey, TensorView> rows;
  private TraceRecorder recorder;

  /** Makes the rows and an empty recorder. */
  @Setup(Level.Iteration)
  public void prepare() {
    ModelDimensions dimensions = new ModelDimensions(16, 4096, 1024, 1024, 32000, POSITIONS);
    TraceProfile profile =
        new TraceProfile(
            List.of(
                new TraceProfile.Entry(
                    TensorKind.HIDDEN,
                    HookPoint.BLOCK_OUTPUT,
                    new LayerSelection.All(),
                    DType.F32)),
            chunkBytes);
    rows = new HashMap<>();
    Random random = new Random(1);
    for (int layer = 0; layer < 16; layer++) {
      float[] values = new float[4096];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      rows.put(
          new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer),
          TensorView.copyOf(Shape.of(4096), values));
    }
    recorder =
        new TraceRecorder(
            profile,
            dimensions,
            new TraceId(Digest32.sha256()),
            JobSecret.copyOf(new byte[JobSecret.LENGTH]),
            new Nowhere());
  }

  /** Commits one token. */
  @Benchmark
  public int push() {
    recorder.push(recorder.positions(), 7, rows);
    return recorder.positions();
  }

  private static final class Nowhere implements TraceStore {
    @Override
    public void begin(TraceId id, TraceLayout layout, JobSecret secret) {}

    @Override
    public void append(PositionEntry entry, @Nullable ByteBuffer rows) {}
  }
}
