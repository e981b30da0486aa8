package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/**
 * Pays a report for being more common than the crowd forecast, and a forecast for being close to
 * what the crowd reported.
 *
 * <p>Source: Prelec 2004. It needs one task only, and a common prior, exchangeable agents and many
 * of them; collusion and small groups defeat it. Forecasts with an entry below the floor are
 * refused, because the score takes their logarithm; {@link ProperScoringRule#liftToFloor} makes an
 * admissible one.
 *
 * @param predictionWeight a in (0, 1]; at 1 the scores of the large-group form sum to zero
 * @param floor least admissible forecast entry, more than zero
 */
public record BayesianTruthSerum(double predictionWeight, double floor) implements PeerMechanism {
  /** Checks the settings. */
  public BayesianTruthSerum {
    Require.that(
        predictionWeight > 0 && predictionWeight <= 1,
        "predictionWeight must lie in (0, 1], got " + predictionWeight);
    Require.that(floor > 0 && floor < 0.5, "floor must lie in (0, 1/2), got " + floor);
  }

  @Override
  public String name() {
    return "Bayesian truth serum";
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(3, 1, 1);
  }

  /**
   * Returns the score of every agent by the large-group form ln(x̄/ȳ) + a Σ x̄ ln(y/x̄), with x̄
   * the frequencies of the reports and ȳ the geometric means of the forecasts, all agents included.
   *
   * @param reports one signal per agent, at least three agents
   * @param forecasts one distribution over signals per agent
   */
  public double[] largeGroupScores(int[] reports, double[][] forecasts) {
    int signals = check(reports, forecasts);
    int agents = reports.length;
    double[] frequency = new double[signals];
    double[] logMean = new double[signals];
    for (int agent = 0; agent < agents; agent++) {
      frequency[reports[agent]] += 1.0 / agents;
      for (int signal = 0; signal < signals; signal++) {
        logMean[signal] += Math.log(forecasts[agent][signal]) / agents;
      }
    }
    double[] scores = new double[agents];
    for (int agent = 0; agent < agents; agent++) {
      scores[agent] =
          Math.log(frequency[reports[agent]])
              - logMean[reports[agent]]
              + predictionWeight * predictionScore(frequency, forecasts[agent]);
    }
    return scores;
  }

  /**
   * Returns the score of every agent by the finite form: for each peer the pair is left out,
   * frequencies over the other n − 2 agents get one added per signal, and the scores over the n − 1
   * peers are added up.
   *
   * @param reports one signal per agent, at least three agents
   * @param forecasts one distribution over signals per agent
   */
  public double[] finiteScores(int[] reports, double[][] forecasts) {
    int signals = check(reports, forecasts);
    int agents = reports.length;
    double[] scores = new double[agents];
    for (int agent = 0; agent < agents; agent++) {
      for (int peer = 0; peer < agents; peer++) {
        if (peer != agent) {
          double[] frequency = new double[signals];
          double[] logMean = new double[signals];
          java.util.Arrays.fill(frequency, 1.0 / (agents - 2 + signals));
          for (int other = 0; other < agents; other++) {
            if (other != agent && other != peer) {
              frequency[reports[other]] += 1.0 / (agents - 2 + signals);
              for (int signal = 0; signal < signals; signal++) {
                logMean[signal] += Math.log(forecasts[other][signal]) / (agents - 2);
              }
            }
          }
          scores[agent] +=
              Math.log(frequency[reports[agent]])
                  - logMean[reports[agent]]
                  + predictionWeight * predictionScore(frequency, forecasts[agent]);
        }
      }
    }
    return scores;
  }

  /**
   * Compares, for the worst signal, what the report earns for being surprisingly common with what
   * the best lie earns, in the limit of many agents. Truth: E[ln P(x|θ)/P(x)]; here the law of two
   * agents stands for that, by the expected log ratio of conditional to marginal over a peer's
   * signal.
   */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    double left = Double.POSITIVE_INFINITY;
    double right = 0;
    for (int signal = 0; signal < law.signals(); signal++) {
      double truth = surprise(law, signal, signal);
      for (int lie = 0; lie < law.signals(); lie++) {
        double other = surprise(law, signal, lie);
        if (lie != signal && truth - other < left - right) {
          left = truth;
          right = other;
        }
      }
    }
    return new TruthCondition(
        "E[ln P(x|peer)/P(x) | x] > E[ln P(y|peer)/P(y) | x] for all y other than x",
        left,
        right,
        "truth is an equilibrium for a large group of exchangeable agents with a common prior");
  }

  private static double surprise(JointLaw law, int signal, int report) {
    double surprise = 0;
    for (int peer = 0; peer < law.signals(); peer++) {
      double weight = law.conditional(peer, signal);
      surprise +=
          weight == 0
              ? 0
              : weight
                  * Math.log(
                      law.probability(report, peer)
                          / (law.marginal(report) * law.peerMarginal(peer)));
    }
    return surprise;
  }

  private static double predictionScore(double[] frequency, double[] forecast) {
    double score = 0;
    for (int signal = 0; signal < frequency.length; signal++) {
      score +=
          frequency[signal] == 0
              ? 0
              : frequency[signal] * Math.log(forecast[signal] / frequency[signal]);
    }
    return score;
  }

  private int check(int[] reports, double[][] forecasts) {
    minimumInputs().requireAgents(reports.length, name());
    Require.that(forecasts.length == reports.length, "one forecast per report");
    int signals = Require.atLeast(forecasts[0].length, 2, "signals");
    Distributions.requireReports(reports, signals, "reports");
    for (double[] forecast : forecasts) {
      Require.that(forecast.length == signals, "all forecasts are over the same signals");
      Distributions.copyOf(forecast, "forecast");
      for (double entry : forecast) {
        Require.that(entry >= floor, "forecast entry " + entry + " is below the floor " + floor);
      }
    }
    return signals;
  }
}
