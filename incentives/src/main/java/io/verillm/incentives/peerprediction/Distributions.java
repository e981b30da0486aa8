package io.verillm.incentives.peerprediction;

/** Checks and copies of probability vectors and reports. */
final class Distributions {
  private static final double SUM_TOLERANCE = 1e-9;

  private Distributions() {}

  /** Returns a copy after checking that the entries are not negative and sum to one within 1e-9. */
  static double[] copyOf(double[] distribution, String name) {
    double sum = 0;
    for (double entry : distribution) {
      if (!(entry >= 0)) {
        throw new IllegalArgumentException(name + " has the entry " + entry);
      }
      sum += entry;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new IllegalArgumentException(name + " sums to " + sum + ", not to one");
    }
    return distribution.clone();
  }

  /** Checks that every report is a signal number below {@code signals}. */
  static void requireReports(int[] reports, int signals, String name) {
    for (int task = 0; task < reports.length; task++) {
      requireReport(reports[task], signals, name + "[" + task + "]");
    }
  }

  /** Checks that a report is a signal number below {@code signals}. */
  static void requireReport(int report, int signals, String name) {
    if (report < 0 || report >= signals) {
      throw new IllegalArgumentException(
          name + " is " + report + ", signals are 0 to " + (signals - 1));
    }
  }

  /** Checks that two agents reported on the same number of tasks and returns it. */
  static int requireSameTasks(int[] mine, int[] peer) {
    if (mine.length != peer.length) {
      throw new IllegalArgumentException(
          "reports on " + mine.length + " and " + peer.length + " tasks");
    }
    return mine.length;
  }
}
