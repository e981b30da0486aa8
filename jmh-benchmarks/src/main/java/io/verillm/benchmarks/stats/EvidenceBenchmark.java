package io.verillm.benchmarks.stats;

import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import io.verillm.stats.sequential.GridEProcess;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import java.util.Arrays;
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

/** Evidence per audit, decisions over a million nodes, exact small-sample tests. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class EvidenceBenchmark {
  private final GridEProcess process = new GridEProcess(0.02);
  private final OneSidedBetaMixture mixture = OneSidedBetaMixture.uniform(0.02);
  private double[] eValues = new double[0];
  private double[] x = new double[0];
  private double[] y = new double[0];
  private long state = 1;

  /** Makes the inputs. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    eValues = random.doubles(1_000_000).map(u -> -1 / Math.log(u)).toArray();
    x = random.doubles(100).toArray();
    y = random.doubles(100).toArray();
    if (!(mixture.e(0, 786) < 1)) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** One update of the grid form; a flag about every 128 audits. */
  @Benchmark
  public long gridUpdate() {
    state = state * 6364136223846793005L + 1442695040888963407L;
    process.update(state >>> 57 == 0);
    return process.audits();
  }

  /** One value of the closed form. */
  @Benchmark
  public double closedForm() {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return mixture.logE(state >>> 57, 10_000);
  }

  /** e-BH over a million nodes. */
  @Benchmark
  public double eBenjaminiHochbergMillion() {
    return EBenjaminiHochberg.threshold(eValues, 0.05);
  }

  /** Exact two-sample Kolmogorov–Smirnov, 100 + 100. */
  @Benchmark
  public double kolmogorovSmirnovExact() {
    return KolmogorovSmirnov.twoSample(x, y).pValue();
  }

  /** Exact two-sample Cramér–von Mises, 15 + 15. */
  @Benchmark
  public double cramerVonMisesExact() {
    return CramerVonMises.twoSampleExact(Arrays.copyOf(x, 15), Arrays.copyOf(y, 15)).pValue();
  }
}
