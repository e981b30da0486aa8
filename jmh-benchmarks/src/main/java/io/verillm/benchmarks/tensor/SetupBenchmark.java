package io.verillm.benchmarks.tensor;

import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Loading the ceremony's setup: hash, every point, relations between the points. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SetupBenchmark {
  @Param({"blst", "java"})
  String backend;

  /** Loads and checks. */
  @Benchmark
  public KzgSetup load() {
    return KzgSetup.ethereum(CurveBackends.require(backend));
  }
}
