package io.verillm.benchmarks.cache;

import io.verillm.cache.matching.CellErrors;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TransformerExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the cache check adds to the prefill it rides on: the demo model over 511 positions, alone,
 * and what of the check itself runs beside it, replayed from kept rows.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CacheOverheadBenchmark {
  private static final int POSITIONS = 511;

  private record Kept(RowKey key, int first, io.verillm.core.tensor.TensorView rows) {}

  private ModelExecutor executor;
  private int[] tokens;
  private final List<Kept> kept = new ArrayList<>();
  private final Map<Integer, List<RowKey>> drawn = new HashMap<>();
  private final Map<RowKey, Map<Integer, float[]>> rows = new HashMap<>();

  /** Loads the model and keeps the rows of one prefill. */
  @Setup
  public void prepare() throws Exception {
    Path folder = DemoModel.MAIN.copyTo(Files.createTempDirectory("verillm-bench"));
    executor = TransformerExecutor.loadCanonical(ModelFolder.open(folder));
    tokens = new Random(3).ints(POSITIONS, 2, 2000).toArray();
    TraceLayout layout = TraceLayout.of(TraceProfile.standard(DType.F32), executor.dimensions());
    SamplingPlan.ofCells(32)
        .challengePlan()
        .draw(Digest32.sha256(), layout, POSITIONS)
        .forEach(
            (position, indices) ->
                drawn.put(
                    position,
                    indices.stream()
                        .map(index -> layout.row(index).key())
                        .filter(key -> key.kind() != TensorKind.HIDDEN)
                        .toList()));
    executor.prefill(
        tokens,
        new LayerRange(0, executor.dimensions().layers()),
        null,
        new CaptureSink() {
          @Override
          public boolean wants(RowKey key) {
            return key.kind() != TensorKind.HIDDEN && layout.indexOf(key).isPresent();
          }

          @Override
          public void accept(
              RowKey key, int firstPosition, io.verillm.core.tensor.TensorView view) {
            kept.add(
                new Kept(
                    key,
                    firstPosition,
                    io.verillm.core.tensor.TensorView.copyOf(view.shape(), view.toFloats())));
            for (int i = 0; i < view.shape().dimension(0); i++) {
              rows.computeIfAbsent(key, k -> new HashMap<>())
                  .put(firstPosition + i, view.row(i).toFloats());
            }
          }
        },
        LogitsSink.none());
  }

  private CellErrors claims() {
    CellErrors errors = new CellErrors();
    drawn.forEach(
        (position, keys) ->
            keys.forEach(key -> errors.claim(key, position, rows.get(key).get(position))));
    return errors;
  }

  /** The prefill with the logits of every position, as a token check needs it. */
  @Benchmark
  public int prefill() {
    int[] count = new int[1];
    executor.prefill(
        tokens,
        new LayerRange(0, executor.dimensions().layers()),
        null,
        CaptureSink.none(),
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return true;
          }

          @Override
          public void accept(int position, float[] logits) {
            count[0]++;
          }
        });
    return count[0];
  }

  /** The check of 32 cells on the rows of that prefill. */
  @Benchmark
  public int check() {
    CellErrors errors = claims();
    for (Kept each : kept) {
      if (errors.wants(each.key())) {
        errors.accept(each.key(), each.first(), each.rows());
      }
    }
    return errors.errors().size();
  }
}
