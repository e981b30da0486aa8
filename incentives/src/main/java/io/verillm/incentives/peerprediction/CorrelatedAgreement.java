package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Rational;

/**
 * Pays pairs of reports that occur together more often than by chance, less the same between
 * different tasks.
 *
 * <p>Source: Shnayder, Agarwal, Frongillo, Parkes 2016. Informed-truthful: no profile of
 * independent strategies beats truth and uninformed ones earn nothing. It cannot tell signals apart
 * whose rows of Δ have the same signs: merging those pays as much as truth.
 *
 * @param signs sign of Δ, known or learnt on tasks that are not paid for
 */
public record CorrelatedAgreement(SignMatrix signs) implements ReportMechanism {
  /**
   * Learns the signs on the first {@code heldOutTasks} tasks and pays for the others only.
   *
   * @return the mean pay of each agent over all peers
   */
  public static double[] learnAndPay(ReportTable table, int heldOutTasks, int minimumPairs) {
    Require.that(
        heldOutTasks >= 1 && heldOutTasks <= table.tasks() - 2,
        "hold out at least one task and leave at least two to pay for");
    SignMatrix learnt = SignMatrix.learn(table.tasks(0, heldOutTasks), minimumPairs);
    return new CorrelatedAgreement(learnt).payAll(table.tasks(heldOutTasks, table.tasks()));
  }

  @Override
  public String name() {
    return "correlated agreement";
  }

  @Override
  public int signals() {
    return signs.signals();
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 2, 2);
  }

  /**
   * Returns the mean over shared tasks of S(mine, peer), less the mean over all ordered pairs of
   * different tasks. Exact; a constant report earns exactly zero.
   *
   * @param mine my report per task
   * @param peer the peer's reports on the same tasks, at least two
   */
  public Rational pay(int[] mine, int[] peer) {
    int tasks = check(mine, peer);
    return Rational.of(numerator(mine, peer), (long) tasks * (tasks - 1));
  }

  /** Returns the mean pay of each agent over all other agents, in the order of the table. */
  public double[] payAll(ReportTable table) {
    minimumInputs().requireAgents(table.agents(), name());
    check(table.rowOf(0), table.rowOf(1));
    Require.that(table.signals() == signals(), "the table has other signals");
    double[] pay = new double[table.agents()];
    for (int agent = 0; agent < pay.length; agent++) {
      long sum = 0;
      for (int other = 0; other < pay.length; other++) {
        sum += other == agent ? 0 : numerator(table.rowOf(agent), table.rowOf(other));
      }
      long tasks = table.tasks();
      pay[agent] = (double) sum / (tasks * (tasks - 1) * (pay.length - 1));
    }
    return pay;
  }

  @Override
  public double expectedPay(JointLaw reports) {
    double pay = 0;
    for (int x = 0; x < signals(); x++) {
      for (int y = 0; y < signals(); y++) {
        pay += signs.isPositive(x, y) ? reports.delta(x, y) : 0;
      }
    }
    return pay;
  }

  /** Compares the pay of truth with the pay of uninformed reports, which is zero. */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    boolean ownSigns = signs.equals(SignMatrix.of(law));
    return new TruthCondition(
        "S = sign of delta, and the sum of the positive entries of delta > 0",
        ownSigns ? expectedPay(law) : Double.NEGATIVE_INFINITY,
        0,
        signs.hasEqualRows()
            ? "no profile of independent strategies beats truth; merging signals with equal rows"
                + " ties with it"
            : "no profile of independent strategies beats truth, and only relabellings tie with"
                + " it");
  }

  private int check(int[] mine, int[] peer) {
    int tasks = Distributions.requireSameTasks(mine, peer);
    minimumInputs().requireShared(tasks, name());
    Distributions.requireReports(mine, signals(), "mine");
    Distributions.requireReports(peer, signals(), "peer");
    return tasks;
  }

  /**
   * Returns the pay times T(T − 1), a whole number: T·(agreements on one task) − (agreements over
   * all pairs of tasks).
   */
  private long numerator(int[] mine, int[] peer) {
    int tasks = mine.length;
    long[] mineCount = new long[signals()];
    long[] peerCount = new long[signals()];
    long shared = 0;
    for (int task = 0; task < tasks; task++) {
      mineCount[mine[task]]++;
      peerCount[peer[task]]++;
      shared += signs.isPositive(mine[task], peer[task]) ? 1 : 0;
    }
    long all = 0;
    for (int x = 0; x < signals(); x++) {
      for (int y = 0; y < signals(); y++) {
        all += signs.isPositive(x, y) ? mineCount[x] * peerCount[y] : 0;
      }
    }
    return tasks * shared - all;
  }
}
