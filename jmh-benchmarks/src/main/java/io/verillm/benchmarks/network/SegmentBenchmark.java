package io.verillm.benchmarks.network;

import java.util.concurrent.TimeUnit;
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
 * Elapsed time of the longest of L layer segments of a prefill, see {@link SegmentWork}. With the
 * output projection, which the last segment has on top of its layers, and without, which shows the
 * layers alone. {@link SegmentProcessorTime} measures processor time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SegmentBenchmark {
  @Param({"1", "2", "4"})
  int segments;

  @Param({"true", "false"})
  boolean logits;

  private SegmentWork work;

  /** Loads the model. */
  @Setup
  public void prepare() throws Exception {
    work = new SegmentWork(segments, logits);
  }

  /** Runs the segment. */
  @Benchmark
  public int longestSegment() {
    return work.run();
  }
}
