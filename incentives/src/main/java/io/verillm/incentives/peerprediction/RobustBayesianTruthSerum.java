package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/**
 * The truth serum for two signals that works for three agents: a report shifts a reference
 * forecast, and both the shifted forecast and the agent's own are scored against a third agent's
 * report.
 *
 * <p>Source: Witkowski and Parkes 2012. Strict for admissible priors; three or more signals need
 * another extension, and colluding agents defeat it.
 */
public record RobustBayesianTruthSerum() implements PeerMechanism {
  @Override
  public String name() {
    return "robust Bayesian truth serum";
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(3, 1, 1);
  }

  /**
   * Returns the score of every agent, with agent i + 1 as reference and agent i + 2 as peer,
   * cyclically.
   *
   * @param reports 0 or 1 per agent, at least three agents
   * @param forecasts forecast share of ones, in [0, 1], per agent
   */
  public double[] scores(int[] reports, double[] forecasts) {
    minimumInputs().requireAgents(reports.length, name());
    Require.that(forecasts.length == reports.length, "one forecast per report");
    Distributions.requireReports(reports, 2, "reports");
    int agents = reports.length;
    double[] scores = new double[agents];
    for (int agent = 0; agent < agents; agent++) {
      double own = Require.probability(forecasts[agent], "forecast");
      double reference = Require.probability(forecasts[(agent + 1) % agents], "forecast");
      int peer = reports[(agent + 2) % agents];
      scores[agent] = quadratic(shadow(reference, reports[agent]), peer) + quadratic(own, peer);
    }
    return scores;
  }

  /**
   * Returns the reference forecast moved towards the report as far as it can go in both directions.
   */
  public static double shadow(double reference, int report) {
    double shift = Math.min(reference, 1 - reference);
    return report == 1 ? reference + shift : reference - shift;
  }

  /**
   * Compares P(1 | 1) with P(1 | 0): the shadow of a one must be the better forecast after a one.
   */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    Require.that(law.signals() == 2, name() + " is for two signals");
    return new TruthCondition(
        "P(1|1) > P(1|0)",
        law.conditional(1, 1),
        law.conditional(1, 0),
        "truth is a strict equilibrium for three or more agents whose reference forecast lies"
            + " between the two");
  }

  private static double quadratic(double forecast, int outcome) {
    return outcome == 1 ? 2 * forecast - forecast * forecast : 1 - forecast * forecast;
  }
}
