package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/** Reports of several agents on several tasks; every agent reports on every task. Immutable. */
public final class ReportTable {
  private final int signals;
  private final int[][] reports;

  private ReportTable(int signals, int[][] owned) {
    this.signals = signals;
    this.reports = owned;
  }

  /**
   * Copies reports.
   *
   * @param reports one row per agent, one column per task
   */
  public static ReportTable of(int signals, int[][] reports) {
    Require.atLeast(signals, 2, "signals");
    Require.atLeast(reports.length, 1, "agents");
    int[][] copy = new int[reports.length][];
    for (int agent = 0; agent < reports.length; agent++) {
      Require.that(reports[agent].length == reports[0].length, "every agent reports on every task");
      Distributions.requireReports(reports[agent], signals, "reports of agent " + agent);
      copy[agent] = reports[agent].clone();
    }
    return new ReportTable(signals, copy);
  }

  /** Returns the number of signals. */
  public int signals() {
    return signals;
  }

  /** Returns the number of agents. */
  public int agents() {
    return reports.length;
  }

  /** Returns the number of tasks. */
  public int tasks() {
    return reports[0].length;
  }

  /** Returns one report. */
  public int report(int agent, int task) {
    return reports[agent][task];
  }

  /** Returns a copy of an agent's reports. */
  public int[] reportsOf(int agent) {
    return reports[agent].clone();
  }

  /** Returns the table of the tasks from {@code from} (inclusive) to {@code to} (exclusive). */
  public ReportTable tasks(int from, int to) {
    Require.that(from >= 0 && from < to && to <= tasks(), "no such tasks: " + from + " to " + to);
    int[][] part = new int[agents()][];
    for (int agent = 0; agent < agents(); agent++) {
      part[agent] = java.util.Arrays.copyOfRange(reports[agent], from, to);
    }
    return new ReportTable(signals, part);
  }

  int[] rowOf(int agent) {
    return reports[agent];
  }

  long[] countsOfTask(int task) {
    long[] counts = new long[signals];
    for (int[] row : reports) {
      counts[row[task]]++;
    }
    return counts;
  }
}
