package io.verillm.stats.permutation;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Computes permutation p-values.
 *
 * <p>If the design has at most {@code exactLimit} splits, all are evaluated and p is their exact
 * proportion. Otherwise draw b uses its own generator (seed, b), so that the result has the same
 * bits for any executor, and p = (1 + #{T_b &ge; T_obs}) / (B + 1) (Phipson and Smyth 2010): the
 * plain proportion can be 0 and is invalid below 1/B. With an exceedance limit h the draws stop at
 * the h-th exceedance and p = h/b (Besag and Clifford 1991). Statistics within 1e-12 relative of
 * the observed one count as equal. Immutable and thread-safe.
 *
 * <p>A p-value from here does not hold if items were not exchangeable within strata.
 */
@CheckReturnValue
public final class PermutationTest {
  private static final int BLOCK = 64;
  private static final Executor CALLER = Runnable::run;

  private final long seed;
  private final int draws;
  private final double exactLimit;
  private final int exceedanceLimit;
  private final Executor executor;

  private PermutationTest(
      long seed, int draws, double exactLimit, int exceedanceLimit, Executor executor) {
    this.seed = seed;
    this.draws = draws;
    this.exactLimit = exactLimit;
    this.exceedanceLimit = exceedanceLimit;
    this.executor = executor;
  }

  /**
   * Returns a test with {@code draws} random splits, exact up to 10^5 splits, no early stopping.
   */
  public static PermutationTest of(long seed, int draws) {
    Require.atLeast(draws, 1, "draws");
    return new PermutationTest(seed, draws, 1e5, 0, CALLER);
  }

  /** Returns this test with exact enumeration up to {@code limit} splits; 0 switches it off. */
  public PermutationTest exactUpTo(double limit) {
    Require.that(limit >= 0, "limit must not be negative: " + limit);
    return new PermutationTest(seed, draws, limit, exceedanceLimit, executor);
  }

  /** Returns this test stopping at the {@code exceedances}-th exceedance; 0 switches it off. */
  public PermutationTest stoppingAfter(int exceedances) {
    Require.atLeast(exceedances, 0, "exceedances");
    return new PermutationTest(seed, draws, exactLimit, exceedances, executor);
  }

  /** Returns this test with blocks of draws run by {@code blocks}; the result stays the same. */
  public PermutationTest runningOn(Executor blocks) {
    return new PermutationTest(
        seed, draws, exactLimit, exceedanceLimit, Objects.requireNonNull(blocks, "blocks"));
  }

  /**
   * Returns the p-value of {@code statistic} under relabelling inside the strata of {@code design}.
   *
   * @throws IllegalArgumentException if the statistic is NaN for any split
   */
  public PermutationResult run(StratifiedDesign design, SplitStatistic statistic) {
    double observed = checked(statistic.evaluate(design.observedOrder()));
    double threshold = observed - 1e-12 * Math.max(1, Math.abs(observed));
    if (design.splits() <= exactLimit) {
      return enumerate(design, statistic, observed, threshold);
    }
    return sample(design, statistic, observed, threshold);
  }

  /** Returns the statistics of the first {@code count} random splits, for a histogram. */
  public double[] nullDraws(StratifiedDesign design, SplitStatistic statistic, int count) {
    Require.atLeast(count, 1, "count");
    double[] values = new double[count];
    evaluateRange(design, statistic, 0, values);
    return values;
  }

  private PermutationResult enumerate(
      StratifiedDesign design, SplitStatistic statistic, double observed, double threshold) {
    SplitEnumeration splits = new SplitEnumeration(design);
    long total = 0;
    long exceeding = 0;
    do {
      total++;
      if (checked(statistic.evaluate(splits.order())) >= threshold) {
        exceeding++;
      }
    } while (splits.advance());
    return new PermutationResult(
        observed, exceeding / (double) total, PValueMethod.EXACT, total, exceeding, false);
  }

  private PermutationResult sample(
      StratifiedDesign design, SplitStatistic statistic, double observed, double threshold) {
    long exceeding = 0;
    // Waves bound the wasted work after an early stop; they never change which draw stops.
    int wave = exceedanceLimit > 0 ? 4 * BLOCK : draws;
    for (int start = 0; start < draws; start += wave) {
      double[] values = new double[Math.min(wave, draws - start)];
      evaluateRange(design, statistic, start, values);
      for (int i = 0; i < values.length; i++) {
        if (checked(values[i]) >= threshold) {
          exceeding++;
          if (exceeding == exceedanceLimit) {
            long drawn = start + i + 1L;
            return new PermutationResult(
                observed,
                exceeding / (double) drawn,
                PValueMethod.PERMUTATION,
                drawn,
                exceeding,
                true);
          }
        }
      }
    }
    double p = (exceeding + 1.0) / (draws + 1.0);
    return new PermutationResult(observed, p, PValueMethod.PERMUTATION, draws, exceeding, false);
  }

  private void evaluateRange(
      StratifiedDesign design, SplitStatistic statistic, int start, double[] values) {
    if (executor == CALLER) {
      evaluateBlock(design, statistic, start, values, 0, values.length);
      return;
    }
    List<CompletableFuture<Void>> blocks = new ArrayList<>();
    for (int from = 0; from < values.length; from += BLOCK) {
      int begin = from;
      int end = Math.min(values.length, from + BLOCK);
      blocks.add(
          CompletableFuture.runAsync(
              () -> evaluateBlock(design, statistic, start, values, begin, end), executor));
    }
    try {
      blocks.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void evaluateBlock(
      StratifiedDesign design,
      SplitStatistic statistic,
      int start,
      double[] values,
      int begin,
      int end) {
    int[] observed = design.observedOrder();
    int[] order = observed.clone();
    SplitMix64 random = new SplitMix64(0);
    for (int i = begin; i < end; i++) {
      System.arraycopy(observed, 0, order, 0, order.length);
      random.restart(seed, start + (long) i);
      relabel(design, order, random);
      values[i] = statistic.evaluate(order);
    }
  }

  /** Draws a uniform split: a partial Fisher–Yates shuffle of the smaller label group. */
  static void relabel(StratifiedDesign design, int[] order, SplitMix64 random) {
    for (int s = 0; s < design.strata(); s++) {
      int offset = design.offset(s);
      int n = design.first(s);
      int m = design.second(s);
      if (n <= m) {
        for (int i = 0; i < n; i++) {
          swap(order, offset + i, offset + i + random.nextInt(n + m - i));
        }
      } else {
        int end = offset + n + m - 1;
        for (int i = 0; i < m; i++) {
          swap(order, end - i, end - i - random.nextInt(n + m - i));
        }
      }
    }
  }

  private static void swap(int[] order, int i, int j) {
    int kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }

  private static double checked(double statistic) {
    if (Double.isNaN(statistic)) {
      throw new IllegalArgumentException("statistic is NaN for a split");
    }
    return statistic;
  }
}
