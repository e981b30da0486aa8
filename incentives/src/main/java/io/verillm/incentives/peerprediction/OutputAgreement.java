package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/**
 * Pays one unit when two reports on one task are equal. The simplest rule and the one to avoid:
 * "everybody says ok" earns the maximum, and for rare fraud even one agent alone gains by hiding a
 * flag.
 *
 * @param signals number of signals, at least 2
 */
public record OutputAgreement(int signals) implements ReportMechanism {
  /** Checks the number of signals. */
  public OutputAgreement {
    Require.atLeast(signals, 2, "signals");
  }

  @Override
  public String name() {
    return "output agreement";
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 1, 1);
  }

  /** Returns 1 if the reports are equal, else 0. */
  public double pay(int mine, int peer) {
    Distributions.requireReport(mine, signals, "mine");
    Distributions.requireReport(peer, signals, "peer");
    return mine == peer ? 1 : 0;
  }

  @Override
  public double expectedPay(JointLaw reports) {
    double pay = 0;
    for (int x = 0; x < signals; x++) {
      pay += reports.probability(x, x);
    }
    return pay;
  }

  /** Compares, for the worst pair of signals, P(x | x) with P(y | x). */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    double left = 1;
    double right = 0;
    for (int x = 0; x < law.signals(); x++) {
      for (int y = 0; y < law.signals(); y++) {
        double truth = law.conditional(x, x);
        double lie = law.conditional(y, x);
        if (x != y && truth - lie < left - right) {
          left = truth;
          right = lie;
        }
      }
    }
    return new TruthCondition(
        "P(x|x) > P(y|x) for all y other than x", left, right, "truth is a strict equilibrium");
  }
}
