package io.verillm.benchmarks.stats;

import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.ArrayList;
import java.util.List;
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

/** MMD with the Hamming kernel: 25 prompts, 10 + 10 answers of 50 tokens, 1000 relabellings. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class MmdBenchmark {
  private static final int PROMPTS = 25;
  private static final int ANSWERS = 10;
  private static final int LENGTH = 50;

  private PromptSamples<int[]> samples = new PromptSamples<>(one(), one());
  private final PermutationTest permutations = PermutationTest.of(7, 1000);

  private static List<List<int[]>> one() {
    return List.of(List.of(new int[] {1}, new int[] {2}));
  }

  /** Makes the answers and checks that the fast form and the definition agree. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    samples = new PromptSamples<>(answers(random), answers(random));
    if (Math.abs(fast() - definition()) > 1e-12) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  private static List<List<int[]>> answers(Random random) {
    List<List<int[]>> result = new ArrayList<>();
    for (int p = 0; p < PROMPTS; p++) {
      List<int[]> answers = new ArrayList<>();
      for (int i = 0; i < ANSWERS; i++) {
        answers.add(random.ints(LENGTH, 0, 20).toArray());
      }
      result.add(answers);
    }
    return result;
  }

  /** The form that is used: one kernel matrix, pairs of the smaller group only. */
  @Benchmark
  public double fast() {
    return MmdTest.of(samples, TokenKernel.hamming(LENGTH)).test(permutations).pValue();
  }

  /** The definition: every relabelling compares all answers again, token by token. */
  @Benchmark
  public double definition() {
    StratifiedDesign design = samples.design();
    List<int[]> items = samples.pooled();
    return permutations.run(design, order -> definition(design, items, order)).pValue();
  }

  private static double definition(StratifiedDesign design, List<int[]> items, int[] order) {
    double[] sums = new double[3];
    double[] pairs = new double[3];
    for (int s = 0; s < design.strata(); s++) {
      int n = design.first(s);
      for (int i = 0; i < n + design.second(s); i++) {
        int[] a = items.get(order[design.offset(s) + i]);
        for (int j = 0; j < i; j++) {
          int[] b = items.get(order[design.offset(s) + j]);
          int equal = 0;
          for (int k = 0; k < LENGTH; k++) {
            equal += a[k] == b[k] ? 1 : 0;
          }
          int at = i < n ? 0 : j < n ? 2 : 1;
          sums[at] += equal / (double) LENGTH;
          pairs[at]++;
        }
      }
    }
    return sums[0] / pairs[0] + sums[1] / pairs[1] - 2 * sums[2] / pairs[2];
  }
}
