package io.verillm.benchmarks.cache;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.proving.CellId;
import io.verillm.cache.proving.CellSearch;
import io.verillm.cache.proving.Decoys;
import io.verillm.cache.proving.UnnamedCell;
import io.verillm.cache.proving.WorkChallenge;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
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
 * What a verifier does with cells of a 70B-class model (80 layers, rows of 1024 values): the match
 * of 1000 cells, the search for 32 cells and 32 decoys in one layer of 512 positions, and the draw
 * of 32 cells.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CacheMatchBenchmark {
  private static final int WIDTH = 1024;
  private static final int CELLS = 1000;
  private static final int POSITIONS = 512;
  private static final RowKey KEYS = new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 40);
  private static final RowKey VALUES = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 40);

  private final float[][] claimed = new float[2 * CELLS][WIDTH];
  private final float[][] rerun = new float[2 * CELLS][WIDTH];
  private WorkChallenge challenge;
  private TensorView keys;
  private TensorView values;
  private ChallengePlan plan;
  private TraceLayout layout;
  private int number;

  /** Makes rows with one per cent of noise, and checks the search's answer. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    for (int i = 0; i < claimed.length; i++) {
      for (int d = 0; d < WIDTH; d++) {
        rerun[i][d] = (float) random.nextGaussian();
        claimed[i][d] = rerun[i][d] * (1 + 0.01f * (float) random.nextGaussian());
      }
    }
    float[] k = new float[POSITIONS * WIDTH];
    float[] v = new float[POSITIONS * WIDTH];
    for (int p = 0; p < POSITIONS; p++) {
      System.arraycopy(rerun[p], 0, k, p * WIDTH, WIDTH);
      System.arraycopy(rerun[CELLS + p], 0, v, p * WIDTH, WIDTH);
    }
    keys = TensorView.copyOf(Shape.of(POSITIONS, WIDTH), k);
    values = TensorView.copyOf(Shape.of(POSITIONS, WIDTH), v);
    WorkChallenge.Builder builder = WorkChallenge.builder();
    for (int i = 0; i < 32; i++) {
      int p = i * 16;
      UnnamedCell cell = new UnnamedCell(claimed[p], claimed[CELLS + p]);
      builder.real(new CellId(p, 40), cell).decoy(Decoys.perturbed(cell, 0.05, i));
    }
    challenge = builder.build(Digest32.sha256());
    if (!challenge.assess(search()).isPerfect()) {
      throw new IllegalStateException("would time a wrong answer");
    }
    plan = SamplingPlan.ofCells(32).challengePlan();
    layout =
        TraceLayout.of(
            TraceProfile.standard(DType.BF16),
            new ModelDimensions(80, 8192, WIDTH, WIDTH, 128000, 1 << 17));
  }

  /** Relative errors of 1000 cells, keys and values. */
  @Benchmark
  public double match1000Cells() {
    double sum = 0;
    for (int i = 0; i < claimed.length; i++) {
      sum += CellError.relative(claimed[i], rerun[i], WIDTH);
    }
    return sum;
  }

  /** Sixty-four items against one layer of 512 positions. */
  @Benchmark
  public List<Optional<CellId>> search() {
    try (CellSearch search =
        new CellSearch(challenge.items(), HookPoint.AFTER_ROPE, (int layer, KvPart part) -> 0.02)) {
      search.accept(KEYS, 0, keys);
      search.accept(VALUES, 0, values);
      return search.answer();
    }
  }

  /** A draw of 32 cells. */
  @Benchmark
  public SortedMap<Integer, List<Integer>> draw() {
    Digest32 seed = Digest32.sha256(ByteBuffer.allocate(4).putInt(number++).array());
    return plan.draw(seed, layout, POSITIONS);
  }
}
