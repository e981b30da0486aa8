package io.verillm.benchmarks.stats;

import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.twosample.EnergyDistance;
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

/** Energy test: 768 dimensions, 20 questions, 5 + 5 answers, 2000 relabellings. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class EnergyBenchmark {
  private final StratifiedDesign design = design();
  private final PermutationTest permutations = PermutationTest.of(7, 2000);
  private double[][] items = new double[0][];

  private static StratifiedDesign design() {
    int[] five = new int[20];
    Arrays.fill(five, 5);
    return StratifiedDesign.of(five, five);
  }

  /** Makes the vectors and checks that the fast form and the definition agree. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    items = new double[design.size()][];
    Arrays.setAll(items, i -> random.doubles(768).toArray());
    if (Math.abs(fast() - definition()) > 1e-12) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** The form that is used. */
  @Benchmark
  public double fast() {
    return EnergyDistance.of(design, items).test(permutations).pValue();
  }

  /** The definition over a stored distance matrix: all pairs for every relabelling. */
  @Benchmark
  public double definition() {
    double[][] distance = new double[items.length][items.length];
    for (int i = 0; i < items.length; i++) {
      for (int j = 0; j < items.length; j++) {
        distance[i][j] = EnergyDistance.euclidean(items[i], items[j]);
      }
    }
    return permutations
        .run(
            design,
            order -> {
              double sum = 0;
              for (int i = 0; i < order.length; i++) {
                for (int j = 0; j < order.length; j++) {
                  if (i / 10 == j / 10) {
                    double sign = i % 10 < 5 == j % 10 < 5 ? -1 : 1;
                    sum += sign * distance[order[i]][order[j]] / 25 * 2.5;
                  }
                }
              }
              return sum;
            })
        .pValue();
  }
}
