package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/**
 * Scores a forecast once the outcome is known, so that in expectation the forecaster's own belief
 * scores best.
 *
 * <p>Higher is better for every rule here. Immutable.
 */
public final class ProperScoringRule {
  private enum Kind {
    LOGARITHMIC,
    QUADRATIC,
    BRIER,
    SPHERICAL
  }

  private final Kind kind;
  private final double floor;

  private ProperScoringRule(Kind kind, double floor) {
    this.kind = kind;
    this.floor = floor;
  }

  /**
   * Returns ln p(outcome). Forecasts with an entry below {@code floor} are refused: clamping them
   * instead would make the rule improper just where it pays least. {@link #liftToFloor} makes an
   * admissible forecast of any belief.
   *
   * @param floor the least admissible probability, more than 0 and below one half
   */
  public static ProperScoringRule logarithmic(double floor) {
    Require.that(floor > 0 && floor < 0.5, "floor must lie in (0, 1/2), got " + floor);
    return new ProperScoringRule(Kind.LOGARITHMIC, floor);
  }

  /** Returns 2p(outcome) − Σp². */
  public static ProperScoringRule quadratic() {
    return new ProperScoringRule(Kind.QUADRATIC, 0);
  }

  /** Returns the Brier loss Σ(p − 1{outcome})² with a minus sign, the quadratic score less one. */
  public static ProperScoringRule brier() {
    return new ProperScoringRule(Kind.BRIER, 0);
  }

  /** Returns p(outcome) / ‖p‖. */
  public static ProperScoringRule spherical() {
    return new ProperScoringRule(Kind.SPHERICAL, 0);
  }

  /**
   * Mixes {@code belief} with the uniform distribution just enough that no entry is below {@code
   * floor}.
   */
  public static double[] liftToFloor(double[] belief, double floor) {
    double[] lifted = Distributions.copyOf(belief, "belief");
    Require.that(floor >= 0 && floor * lifted.length < 1, "floor " + floor + " is too high");
    double least = 1;
    for (double entry : lifted) {
      least = Math.min(least, entry);
    }
    if (least >= floor) {
      return lifted;
    }
    double uniform = 1.0 / lifted.length;
    double weight = (floor - least) / (uniform - least);
    for (int outcome = 0; outcome < lifted.length; outcome++) {
      lifted[outcome] = Math.max(floor, (1 - weight) * lifted[outcome] + weight * uniform);
    }
    return lifted;
  }

  /**
   * Returns the score of {@code forecast} when {@code outcome} happened.
   *
   * @throws IllegalArgumentException if the forecast is no distribution or, for the logarithmic
   *     rule, goes below the floor
   */
  public double score(double[] forecast, int outcome) {
    double[] p = Distributions.copyOf(forecast, "forecast");
    Distributions.requireReport(outcome, p.length, "outcome");
    double squares = 0;
    for (double entry : p) {
      if (entry < floor) {
        throw new IllegalArgumentException(
            "forecast entry " + entry + " is below the floor " + floor);
      }
      squares += entry * entry;
    }
    return switch (kind) {
      case LOGARITHMIC -> Math.log(p[outcome]);
      case QUADRATIC -> 2 * p[outcome] - squares;
      case BRIER -> 2 * p[outcome] - squares - 1;
      case SPHERICAL -> p[outcome] / Math.sqrt(squares);
    };
  }

  /** Returns the expected score of {@code forecast} for somebody who holds {@code belief}. */
  public double expectedScore(double[] belief, double[] forecast) {
    double[] q = Distributions.copyOf(belief, "belief");
    double expected = 0;
    for (int outcome = 0; outcome < q.length; outcome++) {
      expected += q[outcome] == 0 ? 0 : q[outcome] * score(forecast, outcome);
    }
    return expected;
  }
}
