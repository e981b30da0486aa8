package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;

/**
 * What a rejected prover expects from paying for one re-verification: {@code accepted} if it wins,
 * {@code −givenUp} without a dispute, {@code −lost} after a lost one.
 *
 * <p>Source: the payoffs 6 / −2 / −10 of VeriLLM v4, appendix E; their labels are reconstructed.
 * The bond is lost minus givenUp and comes back on success.
 *
 * @param accepted R, pay for an accepted inference
 * @param givenUp L₁, loss for accepting a rejection, below lost
 * @param lost L₂, loss after a lost dispute
 */
public record DisputeGame(double accepted, double givenUp, double lost) {
  /** Checks the order of the payoffs. */
  public DisputeGame {
    Require.positive(accepted, "accepted");
    Require.notNegative(givenUp, "givenUp");
    Require.that(
        lost > givenUp && Double.isFinite(lost), "a lost dispute must cost more than none");
  }

  /** Returns the payoffs of the paper's example. */
  public static DisputeGame published() {
    return new DisputeGame(6, 2, 10);
  }

  /** Returns what a dispute puts at stake and gives back on success. */
  public double bond() {
    return lost - givenUp;
  }

  /** Returns the probability of winning above which a dispute pays, (L₂ − L₁) / (R + L₂). */
  public double threshold() {
    return (lost - givenUp) / (accepted + lost);
  }

  /** Returns the expected payoff of disputing when it is won with probability {@code win}. */
  public double valueOfDispute(double win) {
    Require.probability(win, "win");
    return win * accepted - (1 - win) * lost;
  }

  /** Says whether disputing beats giving up. */
  public Condition worthDisputing(double win) {
    return new Condition("disputing beats giving up", valueOfDispute(win), -givenUp);
  }

  /**
   * Returns the expected payoff of an honest prover that disputes every rejection.
   *
   * @param passes probability that the first committee accepts it
   * @param secondRoundFailure probability that the second committee is wrong
   */
  public double honestValue(double passes, double secondRoundFailure) {
    return accepted * Require.probability(passes, "passes")
        + (1 - passes) * valueOfDispute(1 - secondRoundFailure);
  }

  /** Returns the expected payoff of a cheater that never disputes, before what it saves. */
  public double cheaterValue(double rejected) {
    Require.probability(rejected, "rejected");
    return accepted * (1 - rejected) - givenUp * rejected;
  }

  /**
   * Returns what cheating has to save before it pays.
   *
   * @param passes probability that the first committee accepts an honest inference
   * @param rejected probability that the first committee rejects a bad one
   * @param secondRoundFailure probability that the second committee is wrong
   */
  public double deterredSaving(double passes, double rejected, double secondRoundFailure) {
    return honestValue(passes, secondRoundFailure) - cheaterValue(rejected);
  }
}
