package io.verillm.benchmarks.stats;

import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.sequential.GridEProcess;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
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

/** Evidence per audit, decisions over a million nodes, exact small-sample tests. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class EvidenceBenchmark {
  private static final MathContext PRECISE = new MathContext(30);

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
    if (Math.abs(kolmogorovSmirnovExact() - kolmogorovSmirnovDefinition()) > 1e-9
        || Math.abs(cramerVonMisesExact() - cramerVonMisesDefinition()) > 1e-9
        || eBenjaminiHochbergMillion() != eBenjaminiHochbergDefinition()
        || !(mixture.e(0, 786) < 1)) {
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

  /** The definition of e-BH: sort everything, then look for the largest k. */
  @Benchmark
  public double eBenjaminiHochbergDefinition() {
    double[] sorted = eValues.clone();
    Arrays.sort(sorted);
    int rejected = 0;
    for (int k = 1; k <= sorted.length; k++) {
      rejected = sorted[sorted.length - k] >= sorted.length / (0.05 * k) ? k : rejected;
    }
    return rejected == 0 ? Double.POSITIVE_INFINITY : sorted.length / (0.05 * rejected);
  }

  /** Exact two-sample Kolmogorov–Smirnov, 100 + 100. */
  @Benchmark
  public double kolmogorovSmirnovExact() {
    return KolmogorovSmirnov.twoSample(x, y).pValue();
  }

  /** The same by counting lattice paths in whole numbers without any shortcut. */
  @Benchmark
  public double kolmogorovSmirnovDefinition() {
    int n = x.length;
    long distance = Math.round(KolmogorovSmirnov.twoSample(x, y).statistic() * n * n);
    BigInteger[][] paths = new BigInteger[n + 1][n + 1];
    for (int i = 0; i <= n; i++) {
      for (int j = 0; j <= n; j++) {
        boolean far = Math.abs(i - j) * (long) n >= distance;
        paths[i][j] =
            far
                ? BigInteger.ZERO
                : i + j == 0
                    ? BigInteger.ONE
                    : (i > 0 ? paths[i - 1][j] : BigInteger.ZERO)
                        .add(j > 0 ? paths[i][j - 1] : BigInteger.ZERO);
      }
    }
    return 1 - new BigDecimal(paths[n][n]).divide(new BigDecimal(all(n, n)), PRECISE).doubleValue();
  }

  private static BigInteger all(int n, int m) {
    BigInteger ways = BigInteger.ONE;
    for (int k = 1; k <= m; k++) {
      ways = ways.multiply(BigInteger.valueOf(n + k)).divide(BigInteger.valueOf(k));
    }
    return ways;
  }

  /** Exact two-sample Cramér–von Mises, 15 + 15. */
  @Benchmark
  public double cramerVonMisesExactEqual() {
    return CramerVonMises.twoSampleExact(Arrays.copyOf(x, 15), Arrays.copyOf(y, 15)).pValue();
  }

  /** The same for 13 + 17: coprime sizes have the most different sums. */
  @Benchmark
  public double cramerVonMisesExact() {
    return CramerVonMises.twoSampleExact(Arrays.copyOf(x, 13), Arrays.copyOf(y, 17)).pValue();
  }

  /** The same by counting the paths to every sum in maps. */
  @Benchmark
  public double cramerVonMisesDefinition() {
    int n = 13;
    int m = 17;
    double[] a = Arrays.copyOf(x, n);
    double[] b = Arrays.copyOf(y, m);
    // T = Σ (i·m − j·n)² / (n·m·(n + m)²)
    long observed = Math.round(CramerVonMises.statistic(a, b) * n * m * (double) (n + m) * (n + m));
    List<Map<Long, Double>> ways = new ArrayList<>();
    for (int i = 0; i <= n; i++) {
      ways.add(new HashMap<>());
    }
    ways.get(0).put(0L, 1.0);
    for (int t = 1; t <= n + m; t++) {
      for (int i = Math.min(n, t); i >= 0; i--) {
        long gap = (long) i * m - (long) (t - i) * n;
        Map<Long, Double> next = new HashMap<>();
        if (t - i <= m) {
          ways.get(i).forEach((sum, w) -> next.merge(sum + gap * gap, w, Double::sum));
          if (i > 0) {
            ways.get(i - 1).forEach((sum, w) -> next.merge(sum + gap * gap, w, Double::sum));
          }
        }
        ways.set(i, next);
      }
    }
    double reached = 0;
    double total = 0;
    for (Map.Entry<Long, Double> entry : ways.get(n).entrySet()) {
      total += entry.getValue();
      reached += entry.getKey() >= observed ? entry.getValue() : 0;
    }
    return reached / total;
  }

  /** Cramér–von Mises by 1000 relabellings, 100 + 100. */
  @Benchmark
  public double cramerVonMisesPermutation() {
    return CramerVonMises.twoSample(x, y, PermutationTest.of(1, 1000)).pValue();
  }

  /** The same with the statistic computed from the samples each time. */
  @Benchmark
  public double cramerVonMisesPermutationDefinition() {
    double[] pooled = Arrays.copyOf(x, 200);
    System.arraycopy(y, 0, pooled, 100, 100);
    return PermutationTest.of(1, 1000)
        .run(
            StratifiedDesign.single(100, 100),
            order -> {
              double[] a = new double[100];
              double[] b = new double[100];
              for (int k = 0; k < 100; k++) {
                a[k] = pooled[order[k]];
                b[k] = pooled[order[100 + k]];
              }
              return CramerVonMises.statistic(a, b);
            })
        .pValue();
  }
}
