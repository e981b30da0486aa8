package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Rational;
import java.math.BigInteger;

/**
 * Pays the product of the determinants of two count matrices taken from two halves of the tasks,
 * divided so that its expectation is (det U)².
 *
 * <p>Source: Kong 2020. Dominantly truthful without knowing any law, and relabelling pays the same.
 * The normaliser is (T₁)_C·(T₂)_C, the falling factorials that make the estimate unbiased; dividing
 * by the number of agents, as one public package does, is wrong. Colluders with a shared random
 * signal earn as if they were informed.
 *
 * @param signals number C of signals, at least 2
 */
public record DeterminantMutualInformation(int signals) implements ReportMechanism {
  private static final long MOST_SPLITS = 1_000_000;

  /** Checks the number of signals. */
  public DeterminantMutualInformation {
    Require.atLeast(signals, 2, "signals");
  }

  @Override
  public String name() {
    return "determinant mutual information";
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 2 * signals, 2 * signals);
  }

  /**
   * Returns the unnormalised product of the two determinants, the first {@code firstPart} tasks
   * against the rest. Exact.
   *
   * @param firstPart at least C, and at least C tasks must be left
   */
  public BigInteger product(int[] mine, int[] peer, int firstPart) {
    int tasks = check(mine, peer);
    checkSplit(tasks, firstPart);
    return Determinants.exact(counts(mine, peer, 0, firstPart))
        .multiply(Determinants.exact(counts(mine, peer, firstPart, tasks)));
  }

  /** Returns {@link #product} divided by the unbiased normaliser. Exact. */
  public Rational pay(int[] mine, int[] peer, int firstPart) {
    return Rational.of(
        product(mine, peer, firstPart), normaliser(firstPart, mine.length - firstPart));
  }

  /**
   * Returns the mean of {@link #pay} over every way to choose {@code firstPart} of the tasks.
   * Exact, with less variance.
   *
   * @throws IllegalArgumentException if there are more than a million ways
   */
  public Rational payAllSplits(int[] mine, int[] peer, int firstPart) {
    int tasks = check(mine, peer);
    checkSplit(tasks, firstPart);
    Require.that(
        tasks <= 40 && splits(tasks, firstPart) <= MOST_SPLITS, "more than a million splits");
    BigInteger sum = BigInteger.ZERO;
    long count = 0;
    long last = ((1L << firstPart) - 1) << (tasks - firstPart);
    for (long chosen = (1L << firstPart) - 1; ; chosen = nextWithSameBits(chosen)) {
      sum = sum.add(productOf(mine, peer, chosen));
      count++;
      if (chosen == last) {
        break;
      }
    }
    return Rational.of(
        sum, normaliser(firstPart, tasks - firstPart).multiply(BigInteger.valueOf(count)));
  }

  /**
   * Returns for every agent the sum of its pays over all other agents, for the split into the first
   * half of the tasks and the rest; toleranced, relative error below 1e-12.
   */
  public double[] payAll(ReportTable table) {
    minimumInputs().requireAgents(table.agents(), name());
    minimumInputs().requireShared(table.tasks(), name());
    Require.that(table.signals() == signals, "the table has other signals");
    int first = table.tasks() / 2;
    double scale = normaliser(first, table.tasks() - first).doubleValue();
    double[] pay = new double[table.agents()];
    for (int agent = 0; agent < pay.length; agent++) {
      for (int other = agent + 1; other < pay.length; other++) {
        int[] mine = table.rowOf(agent);
        int[] peer = table.rowOf(other);
        double product =
            determinant(counts(mine, peer, 0, first))
                * determinant(counts(mine, peer, first, mine.length));
        pay[agent] += product / scale;
        pay[other] += product / scale;
      }
    }
    return pay;
  }

  /**
   * Returns (det U)², what a pair of agents whose reports follow {@code reports} earns on average.
   */
  @Override
  public double expectedPay(JointLaw reports) {
    double determinant = reports.determinant();
    return determinant * determinant;
  }

  /** Compares |det U| with zero. */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    return new TruthCondition(
        "|det U| > 0",
        Math.abs(law.determinant()),
        0,
        "truth is dominant among strategies that do not depend on the task");
  }

  private static double determinant(long[][] counts) {
    return counts.length == 2
        ? (double) (counts[0][0] * counts[1][1] - counts[0][1] * counts[1][0])
        : Determinants.exact(counts).doubleValue();
  }

  private BigInteger productOf(int[] mine, int[] peer, long chosen) {
    long[][] first = new long[signals][signals];
    long[][] second = new long[signals][signals];
    for (int task = 0; task < mine.length; task++) {
      long[][] half = (chosen >> task & 1) == 1 ? first : second;
      half[mine[task]][peer[task]]++;
    }
    return Determinants.exact(first).multiply(Determinants.exact(second));
  }

  private long[][] counts(int[] mine, int[] peer, int from, int to) {
    long[][] counts = new long[signals][signals];
    for (int task = from; task < to; task++) {
      counts[mine[task]][peer[task]]++;
    }
    return counts;
  }

  /** Returns (a)_C (b)_C with (t)_C = t(t − 1)…(t − C + 1). */
  private BigInteger normaliser(int first, int second) {
    BigInteger product = BigInteger.ONE;
    for (int factor = 0; factor < signals; factor++) {
      product =
          product
              .multiply(BigInteger.valueOf(first - factor))
              .multiply(BigInteger.valueOf(second - factor));
    }
    return product;
  }

  private int check(int[] mine, int[] peer) {
    int tasks = Distributions.requireSameTasks(mine, peer);
    minimumInputs().requireShared(tasks, name());
    Distributions.requireReports(mine, signals, "mine");
    Distributions.requireReports(peer, signals, "peer");
    return tasks;
  }

  private void checkSplit(int tasks, int firstPart) {
    Require.that(
        firstPart >= signals && tasks - firstPart >= signals,
        "both parts need " + signals + " tasks, got " + firstPart + " and " + (tasks - firstPart));
  }

  private static long splits(int tasks, int firstPart) {
    long splits = 1;
    for (int k = 1; k <= firstPart && splits <= MOST_SPLITS; k++) {
      splits = splits * (tasks - firstPart + k) / k;
    }
    return splits;
  }

  /** Returns the next larger number with as many bits set. */
  private static long nextWithSameBits(long value) {
    long lowest = value & -value;
    long ripple = value + lowest;
    return ripple | (((value ^ ripple) >>> 2) / lowest);
  }
}
