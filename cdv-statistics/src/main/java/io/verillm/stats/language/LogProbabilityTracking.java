package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PermutationResult;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tracks top-k log-probabilities of one output token: S = mean over tokens of |mean₁ − mean₂|.
 *
 * <p>A token absent from a row is known only to lie at or below that row's minimum; the row's
 * minimum stands in for it (left censoring). Rows are the exchangeable units, strata are prompts.
 * The published code reports the plain proportion of permutations, which can be zero; {@link
 * PermutationTest} does not. Immutable; thread-safe.
 *
 * <p>It sees changes of a hundredth of a logit and misses partial routing; benign kernel changes
 * show too, so compare with a tolerated distance before anybody is blamed.
 */
@CheckReturnValue
public final class LogProbabilityTracking {
  private final StratifiedDesign design;
  private final double[][] rows; // item by token of its stratum
  private final int tokens;

  private LogProbabilityTracking(StratifiedDesign design, double[][] rows) {
    this.design = design;
    this.rows = rows;
    int count = 0;
    for (int s = 0; s < design.strata(); s++) {
      count += rows[design.offset(s)].length;
    }
    this.tokens = count;
  }

  /**
   * Returns the comparison of rows (token → log-probability) by prompt.
   *
   * @throws IllegalArgumentException if a row is empty or a log-probability is not finite or above
   *     0
   */
  public static LogProbabilityTracking of(PromptSamples<Map<String, Double>> samples) {
    StratifiedDesign design = samples.design();
    double[][] rows = new double[design.size()][];
    for (int s = 0; s < design.strata(); s++) {
      List<Map<String, Double>> items = samples.pooled(s);
      TreeMap<String, Integer> union = new TreeMap<>();
      items.forEach(row -> row.keySet().forEach(token -> union.put(token, 0)));
      int next = 0;
      for (Map.Entry<String, Integer> entry : union.entrySet()) {
        entry.setValue(next++);
      }
      for (int i = 0; i < items.size(); i++) {
        rows[design.offset(s) + i] = filled(items.get(i), union);
      }
    }
    return new LogProbabilityTracking(design, rows);
  }

  private static double[] filled(Map<String, Double> row, Map<String, Integer> union) {
    Require.that(!row.isEmpty(), "a row of log-probabilities is empty");
    double least = 0;
    for (Map.Entry<String, Double> entry : row.entrySet()) {
      double value = entry.getValue();
      Require.that(
          Double.isFinite(value) && value <= 1e-6,
          "log-probability of '" + entry.getKey() + "' must be finite and at most 0: " + value);
      least = Math.min(least, value);
    }
    double[] filled = new double[union.size()];
    Arrays.fill(filled, least);
    row.forEach((token, value) -> filled[union.getOrDefault(token, 0)] = value);
    return filled;
  }

  /** Returns S in nats. */
  public double statistic() {
    return statistic(design.observedOrder());
  }

  /**
   * Returns S when slot k of the design holds item {@code items[k]} of the same stratum; items may
   * repeat, as in resampling.
   */
  public double statisticOf(int[] items) {
    Require.that(items.length == design.size(), "items need one entry per slot of the design");
    return statistic(items);
  }

  private double statistic(int[] order) {
    double sum = 0;
    for (int s = 0; s < design.strata(); s++) {
      int n = design.first(s);
      int m = design.second(s);
      if (n == 0 || m == 0) {
        continue;
      }
      int offset = design.offset(s);
      double[] gap = new double[rows[offset].length];
      for (int i = 0; i < n + m; i++) {
        double weight = i < n ? 1.0 / n : -1.0 / m;
        double[] row = rows[order[offset + i]];
        for (int k = 0; k < gap.length; k++) {
          gap[k] += weight * row[k];
        }
      }
      for (double g : gap) {
        sum += Math.abs(g);
      }
    }
    return sum / tokens;
  }

  /** Returns the permutation test; large S rejects. */
  public PermutationResult test(PermutationTest permutations) {
    return permutations.run(design, this::statistic);
  }

  /** Returns statistics of random relabellings, for a histogram. */
  public double[] nullDraws(PermutationTest permutations, int count) {
    return permutations.nullDraws(design, this::statistic, count);
  }
}
