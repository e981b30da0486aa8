package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;

/**
 * The four numbers that fix every payment of the pool.
 *
 * @param userMultiplier a, what a user pays per unit of cost, above zero
 * @param stakeMultiplier b, what a worker stakes per unit of cost, above zero
 * @param generationCost C_g, above zero
 * @param verificationCost C_v, above zero
 */
public record PoolTerms(
    Rational userMultiplier,
    Rational stakeMultiplier,
    Micros generationCost,
    Micros verificationCost) {
  /** Checks the signs. */
  public PoolTerms {
    Require.that(userMultiplier.signum() > 0, "userMultiplier must be positive");
    Require.that(stakeMultiplier.signum() > 0, "stakeMultiplier must be positive");
    Require.that(generationCost.isPositive(), "generationCost must be positive");
    Require.that(verificationCost.isPositive(), "verificationCost must be positive");
  }

  /** Returns a·C_g, what the user pays for generation. */
  public Rational generationFee() {
    return userMultiplier.times(generationCost);
  }

  /** Returns a·C_v, what the user puts down for verification. */
  public Rational verificationFee() {
    return userMultiplier.times(verificationCost);
  }

  /** Returns b·C_g, the generator's stake. */
  public Rational generatorStake() {
    return stakeMultiplier.times(generationCost);
  }

  /** Returns b·C_v, a verifier's stake. */
  public Rational verifierStake() {
    return stakeMultiplier.times(verificationCost);
  }

  /**
   * Returns a(C_g + C_v) + bC_g + k·bC_v, what lies in the pool with {@code verifiers} verifiers.
   */
  public Rational poolWith(int verifiers) {
    Require.atLeast(verifiers, 0, "verifiers");
    return generationFee()
        .plus(verificationFee())
        .plus(generatorStake())
        .plus(verifierStake().times(verifiers));
  }
}
