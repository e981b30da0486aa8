package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import java.util.Arrays;

/**
 * Which pairs of signals occur together more often than by chance: entry (x, y) says whether Δ(x,
 * y) &gt; 0. Immutable.
 */
public final class SignMatrix {
  private final boolean[][] positive;

  private SignMatrix(boolean[][] owned) {
    this.positive = owned;
  }

  /** Returns the signs of a known law. Entries within 1e-12 of zero count as not positive. */
  public static SignMatrix of(JointLaw law) {
    boolean[][] positive = new boolean[law.signals()][law.signals()];
    for (int x = 0; x < law.signals(); x++) {
      for (int y = 0; y < law.signals(); y++) {
        positive[x][y] = law.delta(x, y) > TruthCondition.TOLERANCE;
      }
    }
    return new SignMatrix(positive);
  }

  /** Returns the matrix that pays equal signals only. */
  public static SignMatrix identity(int signals) {
    boolean[][] positive = new boolean[signals][signals];
    for (int x = 0; x < signals; x++) {
      positive[x][x] = true;
    }
    return new SignMatrix(positive);
  }

  /**
   * Learns the signs from the reports of a table, over all pairs of different agents on each task.
   * Exact: whole numbers are compared.
   *
   * <p>The tasks must not be those that are paid for, or agents would shape the matrix that pays
   * them.
   *
   * @param minimumPairs fewest pairs of reports to learn from
   * @throws IllegalArgumentException if the table has fewer pairs
   */
  public static SignMatrix learn(ReportTable heldOut, int minimumPairs) {
    int signals = heldOut.signals();
    long[][] pairs = new long[signals][signals];
    long[] single = new long[signals];
    long total = 0;
    for (int task = 0; task < heldOut.tasks(); task++) {
      long[] counts = heldOut.countsOfTask(task);
      for (int x = 0; x < signals; x++) {
        for (int y = 0; y < signals; y++) {
          long ordered = counts[x] * (x == y ? counts[y] - 1 : counts[y]);
          pairs[x][y] += ordered;
          single[x] += ordered;
          total += ordered;
        }
      }
    }
    Require.that(
        total >= minimumPairs,
        "learning needs " + minimumPairs + " pairs of reports, got " + total);
    boolean[][] positive = new boolean[signals][signals];
    for (int x = 0; x < signals; x++) {
      for (int y = 0; y < signals; y++) {
        positive[x][y] =
            Math.multiplyExact(pairs[x][y], total) > Math.multiplyExact(single[x], single[y]);
      }
    }
    return new SignMatrix(positive);
  }

  /** Returns the number of signals. */
  public int signals() {
    return positive.length;
  }

  /** Says whether x and y occur together more often than by chance. */
  public boolean isPositive(int x, int y) {
    return positive[x][y];
  }

  /**
   * Says whether two signals have the same row: merging them then pays as much as telling them
   * apart.
   */
  public boolean hasEqualRows() {
    for (int x = 0; x < positive.length; x++) {
      for (int y = x + 1; y < positive.length; y++) {
        if (Arrays.equals(positive[x], positive[y])) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignMatrix that && Arrays.deepEquals(positive, that.positive);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(positive);
  }

  @Override
  public String toString() {
    return Arrays.deepToString(positive);
  }
}
