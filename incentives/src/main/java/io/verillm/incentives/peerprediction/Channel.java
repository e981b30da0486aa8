package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import java.util.Arrays;

/**
 * How an agent turns a signal into a report: row x is the distribution of the report after signal
 * x. Immutable.
 *
 * <p>A channel whose rows are all equal needs no signal; whoever uses it can skip the work.
 */
public final class Channel {
  private final double[][] rows;

  private Channel(double[][] owned) {
    this.rows = owned;
  }

  /**
   * Copies a stochastic matrix.
   *
   * @param rows square, each row a distribution
   */
  public static Channel of(double[][] rows) {
    double[][] copy = new double[rows.length][];
    for (int signal = 0; signal < rows.length; signal++) {
      Require.that(rows[signal].length == rows.length, "a channel is square");
      copy[signal] = Distributions.copyOf(rows[signal], "channel row " + signal);
    }
    return new Channel(copy);
  }

  /** Returns the deterministic channel that reports {@code reports[x]} after signal x. */
  public static Channel map(int... reports) {
    Distributions.requireReports(reports, reports.length, "reports");
    double[][] rows = new double[reports.length][reports.length];
    for (int signal = 0; signal < reports.length; signal++) {
      rows[signal][reports[signal]] = 1;
    }
    return new Channel(rows);
  }

  /** Returns the truthful channel. */
  public static Channel identity(int signals) {
    int[] reports = new int[signals];
    Arrays.setAll(reports, signal -> signal);
    return map(reports);
  }

  /** Returns the channel that reports {@code report} whatever it saw. */
  public static Channel constant(int signals, int report) {
    int[] reports = new int[signals];
    Arrays.fill(reports, report);
    return map(reports);
  }

  /** Returns the number of signals. */
  public int signals() {
    return rows.length;
  }

  /** Returns the probability of reporting {@code report} after {@code signal}. */
  public double probability(int signal, int report) {
    return rows[signal][report];
  }

  /** Says whether the report does not depend on the signal. */
  public boolean isUninformed() {
    for (double[] row : rows) {
      if (!Arrays.equals(row, rows[0])) {
        return false;
      }
    }
    return true;
  }

  /** Says whether this is the truthful channel. */
  public boolean isTruthful() {
    for (int signal = 0; signal < rows.length; signal++) {
      if (rows[signal][signal] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Says whether this is a deterministic relabelling of the signals. */
  public boolean isPermutation() {
    boolean[] seen = new boolean[rows.length];
    for (double[] row : rows) {
      for (int report = 0; report < rows.length; report++) {
        if (row[report] == 1 && !seen[report]) {
          seen[report] = true;
        } else if (row[report] != 0) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return Arrays.deepToString(rows);
  }
}
