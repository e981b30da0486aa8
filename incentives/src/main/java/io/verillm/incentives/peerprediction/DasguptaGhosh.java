package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Rational;

/**
 * Pays agreement on a shared task less agreement between different tasks, so that a report which
 * ignores the task earns nothing.
 *
 * <p>Source: Dasgupta and Ghosh 2013. For two signals positive correlation suffices; for more it
 * needs every diagonal entry of Δ positive and every other negative, and without that sign pattern
 * merging signals can pay more than truth.
 *
 * @param signals number of signals, at least 2
 */
public record DasguptaGhosh(int signals) implements ReportMechanism {
  /** Checks the number of signals. */
  public DasguptaGhosh {
    Require.atLeast(signals, 2, "signals");
  }

  @Override
  public String name() {
    return "Dasgupta-Ghosh";
  }

  /**
   * Two tasks per agent, one of them shared: three in all. {@link #pay(int[], int[])} needs two
   * shared tasks.
   */
  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 1, 3);
  }

  /**
   * Returns the pay from one shared task and one further task of each agent, those two being
   * different tasks.
   */
  public int pay(int mineShared, int peerShared, int mineOther, int peerOther) {
    Distributions.requireReports(
        new int[] {mineShared, peerShared, mineOther, peerOther}, signals, "report");
    return (mineShared == peerShared ? 1 : 0) - (mineOther == peerOther ? 1 : 0);
  }

  /**
   * Returns the mean over all shared tasks of agreement, less the mean over all ordered pairs of
   * different tasks. Exact; a constant report earns exactly zero.
   *
   * @param mine my report per task
   * @param peer the peer's reports on the same tasks, at least two
   */
  public Rational pay(int[] mine, int[] peer) {
    return new CorrelatedAgreement(SignMatrix.identity(signals)).pay(mine, peer);
  }

  @Override
  public double expectedPay(JointLaw reports) {
    return reports.deltaTrace();
  }

  /**
   * Compares the least entry of Δ on the diagonal, or the negative of the largest beside it, with
   * zero.
   */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    double worst = Double.POSITIVE_INFINITY;
    for (int x = 0; x < signals; x++) {
      for (int y = 0; y < signals; y++) {
        worst = Math.min(worst, x == y ? law.delta(x, x) : -law.delta(x, y));
      }
    }
    return new TruthCondition(
        "delta(x,x) > 0 and delta(x,y) < 0 for all y other than x",
        worst,
        0,
        "truth is an equilibrium that no other profile of independent strategies beats");
  }
}
