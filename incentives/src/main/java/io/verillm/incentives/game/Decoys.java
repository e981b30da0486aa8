package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;

/**
 * Tasks with known truth, hidden among real ones, that make accepting unseen a losing strategy
 * (decoys, forced errors).
 *
 * <p>They work only while a verifier cannot tell them from real tasks; how well it can is not
 * covered here.
 *
 * @param rate share δ of tasks that are known-bad decoys, in [0, 1]
 * @param power probability that a diligent verifier finds the decoy bad, in [0, 1]
 */
public record Decoys(double rate, double power) {
  /** Checks the rates. */
  public Decoys {
    Require.probability(rate, "rate");
    Require.probability(power, "power");
  }

  /**
   * Returns the share of decoys above which verifying beats accepting unseen, cost / (loss ·
   * power). For the Proof of Cache pool the loss is (a + b)C_v.
   */
  public static double leastRate(double cost, double lossOnMiss, double power) {
    Require.notNegative(cost, "cost");
    return cost / (Require.positive(lossOnMiss, "lossOnMiss") * Require.positive(power, "power"));
  }

  /** Returns by how much verifying beats accepting unseen, per task. */
  public double advantageOfVerifying(double cost, double lossOnMiss) {
    return rate * power * lossOnMiss - cost;
  }

  /** Returns the condition under which verifying pays. */
  public Condition verifyingPays(double cost, double lossOnMiss) {
    return new Condition(
        "what a missed decoy costs times its rate and power exceeds the cost of verifying",
        rate * power * lossOnMiss,
        cost);
  }
}
