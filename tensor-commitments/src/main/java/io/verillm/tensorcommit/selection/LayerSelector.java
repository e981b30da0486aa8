package io.verillm.tensorcommit.selection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Chooses for verifiers with budgets disjoint intervals of consecutive layers with the largest sum
 * of scores. Exact up to the rounding of sums in double; deterministic. Thread-safe.
 *
 * <p>What comes out covers scores, not cheats: see {@code RESULTS.md} for what a prover gains that
 * knows the selection.
 *
 * <p>Source: TensorCommitments (arXiv 2602.12630), the selection for several verifiers, with the
 * recurrence in which a verifier may have no layers:
 *
 * <pre>
 *   D[k][i] = max(D[k][i−1], D[k−1][i], max over r of D[k−1][r] + V[i] − V[r])
 * </pre>
 *
 * where V sums the scores and the layers r to i − 1 cost at most verifier k's budget. Scores are
 * not negative, so D[k−1] grows by no more than V does from one layer to the next (take the last
 * layer away from the interval that ends with it), and the smallest affordable r is the best.
 */
public final class LayerSelector {
  /** Most verifiers whose order {@link #selectAnyOrder} may choose. */
  public static final int MAX_FREE_VERIFIERS = 12;

  private final double[] values;
  private final long[] costs;
  private final int layers;

  /**
   * Makes a selector.
   *
   * @param scores one per layer, finite and at least 0
   * @param costs one per layer, at least 1, such as the number of weights
   */
  public LayerSelector(double[] scores, long[] costs) {
    if (scores.length != costs.length || scores.length == 0) {
      throw new IllegalArgumentException(scores.length + " scores, " + costs.length + " costs");
    }
    this.layers = scores.length;
    this.values = new double[layers + 1];
    this.costs = new long[layers + 1];
    for (int i = 0; i < layers; i++) {
      if (!(scores[i] >= 0 && scores[i] < Double.POSITIVE_INFINITY) || costs[i] < 1) {
        throw new IllegalArgumentException(
            "layer " + i + " has score " + scores[i] + " and cost " + costs[i]);
      }
      values[i + 1] = values[i] + scores[i];
      this.costs[i + 1] = Math.addExact(this.costs[i], costs[i]);
    }
  }

  /** For each end, the first layer from which on a budget reaches up to it. */
  private int[] starts(long budget) {
    if (budget < 0) {
      throw new IllegalArgumentException("budget " + budget);
    }
    int[] starts = new int[layers + 1];
    int from = 0;
    for (int end = 0; end <= layers; end++) {
      while (costs[end] - costs[from] > budget) {
        from++;
      }
      starts[end] = from;
    }
    return starts;
  }

  /**
   * The best selection in which the verifiers stand in the order of their budgets along the layers:
   * no verifier's interval lies before that of an earlier one. O(verifiers · layers).
   *
   * @param budgets one per verifier, at least 0
   */
  public LayerSelection selectInOrder(long... budgets) {
    double[][] best = new double[budgets.length + 1][layers + 1];
    int[][] starts = new int[budgets.length][];
    for (int k = 1; k <= budgets.length; k++) {
      starts[k - 1] = starts(budgets[k - 1]);
      for (int i = 1; i <= layers; i++) {
        int from = starts[k - 1][i];
        double taken = best[k - 1][from] + values[i] - values[from];
        best[k][i] = Math.max(Math.max(best[k][i - 1], best[k - 1][i]), taken);
      }
    }
    List<LayerInterval> intervals =
        new ArrayList<>(Collections.nCopies(budgets.length, LayerInterval.NONE));
    int i = layers;
    int k = budgets.length;
    while (k > 0 && i > 0) {
      if (best[k][i] == best[k - 1][i]) {
        k--;
      } else if (best[k][i] == best[k][i - 1]) {
        i--;
      } else {
        intervals.set(k - 1, new LayerInterval(starts[k - 1][i], i));
        i = starts[k - 1][i];
        k--;
      }
    }
    return new LayerSelection(intervals, best[budgets.length][layers]);
  }

  /**
   * The best selection in which any verifier may stand anywhere, by a set of the verifiers used in
   * place of their number: O(2^verifiers · verifiers · layers).
   *
   * @param budgets 1 to {@value #MAX_FREE_VERIFIERS} of them, at least 0
   */
  public LayerSelection selectAnyOrder(long... budgets) {
    if (budgets.length < 1 || budgets.length > MAX_FREE_VERIFIERS) {
      throw new IllegalArgumentException(
          budgets.length + " verifiers are not in 1.." + MAX_FREE_VERIFIERS);
    }
    int[][] starts = new int[budgets.length][];
    for (int k = 0; k < budgets.length; k++) {
      starts[k] = starts(budgets[k]);
    }
    int all = (1 << budgets.length) - 1;
    double[][] best = new double[all + 1][layers + 1];
    for (int used = 1; used <= all; used++) {
      for (int i = 1; i <= layers; i++) {
        double most = best[used][i - 1];
        for (int k = 0; k < budgets.length; k++) {
          if ((used >>> k & 1) != 0) {
            most = Math.max(most, with(best[used ^ 1 << k], starts[k], i));
          }
        }
        best[used][i] = most;
      }
    }
    List<LayerInterval> intervals =
        new ArrayList<>(Collections.nCopies(budgets.length, LayerInterval.NONE));
    int used = all;
    int i = layers;
    while (i > 0 && used != 0) {
      if (best[used][i] == best[used][i - 1]) {
        i--;
        continue;
      }
      int last = 0;
      while ((used >>> last & 1) == 0
          || with(best[used ^ 1 << last], starts[last], i) != best[used][i]) {
        last++;
      }
      intervals.set(last, new LayerInterval(starts[last][i], i));
      i = starts[last][i];
      used ^= 1 << last;
    }
    return new LayerSelection(intervals, best[all][layers]);
  }

  /** The value of the first {@code end} layers if one more verifier has the last of them. */
  private double with(double[] before, int[] starts, int end) {
    return before[starts[end]] + values[end] - values[starts[end]];
  }

  /**
   * The value that the published recurrence finds, for comparison only: every verifier must have a
   * layer, so one that can afford none makes it 0.
   */
  public double publishedValue(long... budgets) {
    double[] before = new double[layers + 1];
    for (long budget : budgets) {
      int[] starts = starts(budget);
      double[] best = new double[layers + 1];
      Arrays.fill(best, Double.NEGATIVE_INFINITY);
      for (int i = 1; i <= layers; i++) {
        best[i] = best[i - 1];
        for (int r = starts[i]; r < i; r++) {
          best[i] = Math.max(best[i], before[r] + values[i] - values[r]);
        }
      }
      before = best;
    }
    return Math.max(0, before[layers]);
  }
}
