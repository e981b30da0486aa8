package io.verillm.incentives.equilibrium;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.peerprediction.Channel;
import io.verillm.incentives.peerprediction.JointLaw;
import java.util.ArrayList;
import java.util.List;

/**
 * Searches for strategies that beat truth: all C^C deterministic maps, mixed strategies on a grid,
 * relabellings, and pairs that share a private coin.
 *
 * <p>Deterministic, and silent about strategies that depend on several tasks at once. Immutable.
 */
public final class EquilibriumChecker {
  private static final int MOST_STRATEGIES = 200_000;
  private static final int MOST_CELLS_FOR_COINS = 16;

  private final int gridSteps;

  private EquilibriumChecker(int gridSteps) {
    this.gridSteps = gridSteps;
  }

  /**
   * Returns a checker.
   *
   * @param gridSteps steps per probability of a mixed strategy, at least 1; 1 means deterministic
   *     strategies only
   */
  public static EquilibriumChecker withGrid(int gridSteps) {
    return new EquilibriumChecker(Require.atLeast(gridSteps, 1, "gridSteps"));
  }

  /**
   * Searches one game.
   *
   * @throws IllegalArgumentException if grid and number of signals ask for more than 200 000
   *     strategies
   */
  public EquilibriumReport check(ReportGame game) {
    int signals = game.law().signals();
    Channel truth = Channel.identity(signals);
    double honest = game.utility(truth, truth);
    Channel bestDeviation = truth;
    Channel bestProfile = truth;
    double deviation = Double.NEGATIVE_INFINITY;
    double profile = Double.NEGATIVE_INFINITY;
    double uninformed = Double.NEGATIVE_INFINITY;
    double relabelling = Double.NEGATIVE_INFINITY;
    List<Channel> strategies = strategies(signals);
    for (Channel strategy : strategies) {
      if (strategy.isTruthful()) {
        continue;
      }
      double reply = game.utility(strategy, truth) - honest;
      double both = game.utility(strategy, strategy) - honest;
      if (reply > deviation) {
        deviation = reply;
        bestDeviation = strategy;
      }
      if (both > profile) {
        profile = both;
        bestProfile = strategy;
      }
      uninformed = strategy.isUninformed() ? Math.max(uninformed, both) : uninformed;
      relabelling = strategy.isPermutation() ? Math.max(relabelling, both) : relabelling;
    }
    return new EquilibriumReport(
        game.name(),
        honest,
        bestDeviation,
        deviation,
        bestProfile,
        profile,
        uninformed,
        relabelling,
        coinPairGain(game) - honest,
        strategies.size());
  }

  /**
   * Returns the most that each of two agents earns who ignore the task and draw their pair of
   * reports from a private coin: the best over coins that are uniform on any set of pairs, and for
   * two signals over a grid of coins as well. The pay of a pair is the mean of both directions.
   */
  private double coinPairGain(ReportGame game) {
    int signals = game.law().signals();
    int cells = signals * signals;
    Require.that(cells <= MOST_CELLS_FOR_COINS, "coins are searched for up to four signals");
    double best = Double.NEGATIVE_INFINITY;
    for (int set = 1; set < 1 << cells; set++) {
      double[] weights = new double[cells];
      for (int cell = 0; cell < cells; cell++) {
        weights[cell] = (set >> cell & 1) == 0 ? 0 : 1.0 / Integer.bitCount(set);
      }
      best = Math.max(best, pairPay(game, weights));
    }
    if (signals == 2) {
      for (int a = 0; a <= gridSteps; a++) {
        for (int b = 0; a + b <= gridSteps; b++) {
          for (int c = 0; a + b + c <= gridSteps; c++) {
            double n = gridSteps;
            best =
                Math.max(
                    best,
                    pairPay(game, new double[] {a / n, b / n, c / n, (gridSteps - a - b - c) / n}));
          }
        }
      }
    }
    return best;
  }

  private static double pairPay(ReportGame game, double[] weights) {
    int signals = game.law().signals();
    double[][] joint = new double[signals][signals];
    double[][] mirrored = new double[signals][signals];
    for (int x = 0; x < signals; x++) {
      for (int y = 0; y < signals; y++) {
        joint[x][y] = weights[x * signals + y];
        mirrored[y][x] = weights[x * signals + y];
      }
    }
    return (game.pay().applyAsDouble(JointLaw.of(joint))
            + game.pay().applyAsDouble(JointLaw.of(mirrored)))
        / 2;
  }

  private List<Channel> strategies(int signals) {
    List<double[]> rows = new ArrayList<>();
    addRows(new double[signals], 0, gridSteps, rows);
    double count = StrictMath.pow(rows.size(), signals);
    Require.that(
        count <= MOST_STRATEGIES,
        "a grid of " + gridSteps + " has " + count + " strategies; use a coarser one");
    List<Channel> strategies = new ArrayList<>();
    int[] digits = new int[signals];
    for (int code = 0; code < (int) count; code++) {
      double[][] matrix = new double[signals][];
      for (int signal = 0; signal < signals; signal++) {
        matrix[signal] = rows.get(digits[signal]);
      }
      strategies.add(Channel.of(matrix));
      for (int signal = 0; signal < signals && ++digits[signal] == rows.size(); signal++) {
        digits[signal] = 0;
      }
    }
    return strategies;
  }

  private void addRows(double[] row, int at, int left, List<double[]> rows) {
    if (at == row.length - 1) {
      row[at] = left / (double) gridSteps;
      rows.add(row.clone());
      return;
    }
    for (int steps = 0; steps <= left; steps++) {
      row[at] = steps / (double) gridSteps;
      addRows(row, at + 1, left - steps, rows);
    }
  }
}
