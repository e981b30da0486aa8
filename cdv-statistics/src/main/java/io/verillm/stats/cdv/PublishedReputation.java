package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * The published reputation rule R′ = R·0.8 on an error, R·1.01 otherwise, for comparison.
 *
 * <p>A node that errs on up to 4.269 % of tasks still gains reputation: a cheat below that share is
 * rewarded. Evidence per node replaces it. Thread-safe.
 */
@CheckReturnValue
public final class PublishedReputation {
  /** Factor after an error. */
  public static final double PENALTY = 0.8;

  /** Factor after a correct answer. */
  public static final double REWARD = 1.01;

  private PublishedReputation() {}

  /** Returns the reputation after one task. */
  public static double next(double reputation, boolean error) {
    return Require.positive(reputation, "reputation") * (error ? PENALTY : REWARD);
  }

  /** Returns the error rate at which expected log reputation stands still: 0.04269…. */
  public static double breakEvenErrorRate() {
    return Math.log(REWARD) / (Math.log(REWARD) - Math.log(PENALTY));
  }

  /** Returns how many correct answers make up for one error: 22.4…. */
  public static double correctAnswersPerError() {
    return -Math.log(PENALTY) / Math.log(REWARD);
  }
}
