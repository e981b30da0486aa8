package io.verillm.benchmarks;

import io.verillm.core.canonical.CanonicalGemm;
import java.util.Random;
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

/** The canonical product; 2 × rows × inputs × outputs divided by the time is the rate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CanonicalGemmBenchmark {
  @Param({"192x768", "1024x4096"})
  String shape;

  @Param({"1", "255", "256"})
  int rows;

  private int inputs;
  private int outputs;
  private float[][] x;
  private float[][] w;
  private float[][] y;

  /** Fills the operands. */
  @Setup
  public void prepare() {
    inputs = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
    outputs = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
    Random random = new Random(1);
    x = random(random, rows, inputs);
    w = random(random, inputs, outputs);
    y = new float[rows][outputs];
  }

  private static float[][] random(Random random, int rows, int columns) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = random.nextFloat() - 0.5f;
      }
    }
    return values;
  }

  /** Multiplies. */
  @Benchmark
  public float[][] multiply() {
    CanonicalGemm.multiply(x, 0, rows, w, inputs, y, 0, outputs);
    return y;
  }
}
