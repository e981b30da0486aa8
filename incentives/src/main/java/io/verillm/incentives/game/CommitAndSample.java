package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;

/**
 * A verifier commits to states and opens positions it learns afterwards; one that made up a share
 * of them is caught with probability 1 − (1 − share)^positions.
 *
 * <p>Source: VeriLLM v4's on-chain check; the deterrence condition is derived here. A copier of
 * another's root cannot open it and is caught with certainty.
 *
 * @param fakedShare share of positions a lazy verifier did not compute, in [0, 1]
 * @param positions positions opened, not negative
 */
public record CommitAndSample(double fakedShare, int positions) {
  /** Checks the settings. */
  public CommitAndSample {
    Require.probability(fakedShare, "fakedShare");
    Require.atLeast(positions, 0, "positions");
  }

  /** Returns the probability that a lazy verifier is caught. */
  public double detection() {
    return -StrictMath.expm1(positions * StrictMath.log1p(-fakedShare));
  }

  /**
   * Returns the condition under which computing beats making it up: cost &lt; detection · (stake +
   * reward).
   */
  public Condition honestBeatsLazy(double cost, double stake, double reward) {
    return new Condition(
        "detection times (stake + reward) exceeds the cost of verifying",
        positions == 0 ? 0 : detection() * (stake + reward),
        cost);
  }
}
