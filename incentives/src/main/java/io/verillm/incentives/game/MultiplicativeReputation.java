package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;

/**
 * The reputation rule R′ = R · penalty on an error, R · reward otherwise, published by Nesa with
 * 0.8 and 1.01.
 *
 * <p>Kept for comparison: it forgives. A node wrong on any share below {@link #breakEvenErrorRate}
 * gains without bound.
 *
 * @param penalty factor on an error, in (0, 1)
 * @param reward factor on success, above 1
 */
public record MultiplicativeReputation(double penalty, double reward) {
  /** Checks the factors. */
  public MultiplicativeReputation {
    Require.that(penalty > 0 && penalty < 1, "penalty must lie in (0, 1)");
    Require.that(reward > 1 && Double.isFinite(reward), "reward must be above 1");
  }

  /** Returns the published factors. */
  public static MultiplicativeReputation published() {
    return new MultiplicativeReputation(0.8, 1.01);
  }

  /** Returns the reputation after one more task. */
  public double after(double reputation, boolean error) {
    return reputation * (error ? penalty : reward);
  }

  /** Returns the error rate at which the logarithm of the reputation stays where it is. */
  public double breakEvenErrorRate() {
    return StrictMath.log(reward) / (StrictMath.log(reward) - StrictMath.log(penalty));
  }

  /** Returns how many successes make up for one error. */
  public double successesPerError() {
    return -StrictMath.log(penalty) / StrictMath.log(reward);
  }
}
