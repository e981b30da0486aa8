package io.verillm.incentives.design;

import io.verillm.incentives.internal.Require;

/**
 * What a payoff table has to achieve.
 *
 * @param fraudRate probability that a task is bad, in (0, 1)
 * @param accuracy probability that a diligent verifier's signal is right, in [0, 1]
 * @param cost what a diligent verification costs, not negative
 * @param margin by how much honesty has to beat every single deviation, above zero
 * @param focalMargin by how much everybody being honest has to beat everybody saying ok, above zero
 * @param leastPay lowest entry of the table; negative if a verifier's bond covers it
 * @param mostPay highest entry of the table, above leastPay
 */
public record DesignRequest(
    double fraudRate,
    double accuracy,
    double cost,
    double margin,
    double focalMargin,
    double leastPay,
    double mostPay) {
  /** Checks the ranges. */
  public DesignRequest {
    Require.that(fraudRate > 0 && fraudRate < 1, "fraudRate must lie in (0, 1), got " + fraudRate);
    Require.probability(accuracy, "accuracy");
    Require.notNegative(cost, "cost");
    Require.positive(margin, "margin");
    Require.positive(focalMargin, "focalMargin");
    Require.finite(leastPay, "leastPay");
    Require.that(
        mostPay > leastPay && Double.isFinite(mostPay),
        "mostPay must be above leastPay and finite");
  }

  /**
   * Returns a request without penalties, both margins alike, and payments up to ten thousand times
   * cost plus margin.
   */
  public static DesignRequest of(double fraudRate, double accuracy, double cost, double margin) {
    return new DesignRequest(fraudRate, accuracy, cost, margin, margin, 0, 1e4 * (cost + margin));
  }
}
