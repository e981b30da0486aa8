package io.verillm.benchmarks.stats;

import io.verillm.stats.cdv.CdvPipeline;
import io.verillm.stats.cdv.EpochReport;
import io.verillm.stats.cdv.EpochSummary;
import io.verillm.stats.cdv.HonestCalibration;
import io.verillm.stats.cdv.Modality;
import io.verillm.stats.cdv.NodeObservation;
import io.verillm.stats.cdv.PeerComparator;
import io.verillm.stats.cdv.Summarisers;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.QuantileSketch;
import io.verillm.stats.twosample.EnergyDistance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

/** One epoch of CDV as nodes grow: from observations to profiles, and from profiles to verdicts. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx1800m")
public class CdvEpochBenchmark {
  private static final int WIDTH = 16;
  private static final int VALUES = 32;

  @Param({"100", "1000", "10000", "100000"})
  int nodes;

  private final Map<String, double[]> profiles = new LinkedHashMap<>();
  private String[] names = new String[0];
  private String[] tasks = new String[0];
  private CdvPipeline pipeline = pipeline();
  private long epoch;

  private static CdvPipeline pipeline() {
    double[] honest = new double[2000];
    Arrays.setAll(honest, i -> 4 + new SplitMix64(i).nextDouble());
    return new CdvPipeline(
        "euclidean",
        new PeerComparator(EnergyDistance::euclidean),
        HonestCalibration.frozen(honest, .01),
        .05,
        1);
  }

  /** Makes profiles. */
  @Setup
  public void prepare() {
    SplitMix64 random = new SplitMix64(1);
    names = new String[nodes];
    Arrays.setAll(names, i -> "node-" + i);
    tasks = new String[VALUES];
    Arrays.setAll(tasks, i -> "task-" + i);
    for (String name : names) {
      double[] profile = new double[WIDTH];
      Arrays.setAll(profile, k -> random.nextGaussian());
      profiles.put(name, profile);
    }
  }

  /** Starts without evidence, so that every iteration does the same. */
  @Setup(Level.Iteration)
  public void restart() {
    pipeline = pipeline();
    epoch = 0;
  }

  /** Peers, threshold, e-processes, e-BH, report, data root. */
  @Benchmark
  public EpochReport verdicts() {
    return pipeline.advance(epoch++, "profile", profiles, Optional.empty());
  }

  /** 32 numbers per node into quantile sketches and 16 quantiles out of each. */
  @Benchmark
  public Map<String, double[]> summaries() {
    EpochSummary<Double, QuantileSketch> summary =
        new EpochSummary<>(Summarisers.quantiles(50, WIDTH), Modality.SCALAR, 0, Set.of("stratum"));
    SplitMix64 random = new SplitMix64(2);
    for (String name : names) {
      for (String task : tasks) {
        summary.add(
            new NodeObservation<>(name, task, "stratum", Modality.SCALAR, 0, random.nextDouble()));
      }
    }
    return summary.profiles(VALUES);
  }
}
