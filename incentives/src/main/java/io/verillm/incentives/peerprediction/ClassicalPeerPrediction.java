package io.verillm.incentives.peerprediction;

/**
 * Turns a report into the forecast of the peer's report that follows from the known law, and scores
 * that forecast.
 *
 * <p>Source: Miller, Resnick, Zeckhauser 2005. It needs the designer to know the law; uninformative
 * equilibria remain, and a wrong law breaks it.
 *
 * @param law what two honest agents see; the designer's knowledge
 * @param rule how the forecast is scored
 */
public record ClassicalPeerPrediction(JointLaw law, ProperScoringRule rule)
    implements ReportMechanism {
  @Override
  public String name() {
    return "classical peer prediction";
  }

  @Override
  public int signals() {
    return law.signals();
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 1, 1);
  }

  /** Returns the score of the forecast behind {@code mine} when the peer reports {@code peer}. */
  public double pay(int mine, int peer) {
    Distributions.requireReport(mine, signals(), "mine");
    return rule.score(forecastAfter(mine), peer);
  }

  /**
   * Returns the expected pay of an agent who saw {@code signal} and reports {@code report} to a
   * truthful peer.
   */
  public double expectedPay(int signal, int report) {
    return rule.expectedScore(forecastAfter(signal), forecastAfter(report));
  }

  @Override
  public double expectedPay(JointLaw reports) {
    double pay = 0;
    for (int x = 0; x < signals(); x++) {
      for (int y = 0; y < signals(); y++) {
        double weight = reports.probability(x, y);
        pay += weight == 0 ? 0 : weight * pay(x, y);
      }
    }
    return pay;
  }

  /** Compares, for the worst signal and lie, the expected score of truth with that of the lie. */
  @Override
  public TruthCondition truthCondition(JointLaw actual) {
    double left = Double.POSITIVE_INFINITY;
    double right = 0;
    for (int signal = 0; signal < signals(); signal++) {
      double[] belief = forecast(actual, signal);
      double truth = rule.expectedScore(belief, forecastAfter(signal));
      for (int lie = 0; lie < signals(); lie++) {
        double other = rule.expectedScore(belief, forecastAfter(lie));
        if (lie != signal && truth - other < left - right) {
          left = truth;
          right = other;
        }
      }
    }
    return new TruthCondition(
        "E[score of P(.|x) | x] > E[score of P(.|y) | x] for all y other than x (distinct rows of"
            + " U/P)",
        left,
        right,
        "truth is a strict equilibrium, one of several");
  }

  private double[] forecastAfter(int signal) {
    return forecast(law, signal);
  }

  private static double[] forecast(JointLaw law, int signal) {
    double[] forecast = new double[law.signals()];
    for (int y = 0; y < forecast.length; y++) {
      forecast[y] = law.conditional(y, signal);
    }
    return forecast;
  }
}
