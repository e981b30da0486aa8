package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;

/**
 * The rules of the hardened pool.
 *
 * @param pool multipliers and costs
 * @param committeeSize n, verifiers drawn at once after the answer was acknowledged, at least 3
 * @param quorum votes that decide, at least two thirds of n
 * @param maxCommittees K_max, committees before arbitration, at least 1
 * @param finderBonus what a verifier gets on top of its fee when a generator is slashed on proof;
 *     at most (a + b)C_v
 * @param burnShare share of the rest of a slashed stake that is destroyed, at least one half; what
 *     remains is the treasury's
 */
public record HardenedTerms(
    PoolTerms pool,
    int committeeSize,
    int quorum,
    int maxCommittees,
    Micros finderBonus,
    Rational burnShare) {
  /** Checks the rules that remove the framing profit. */
  public HardenedTerms {
    Require.atLeast(committeeSize, 3, "committeeSize");
    Require.that(
        3L * quorum >= 2L * committeeSize && quorum <= committeeSize,
        "quorum must be at least two thirds of the committee, got "
            + quorum
            + " of "
            + committeeSize);
    Require.atLeast(maxCommittees, 1, "maxCommittees");
    Rational cap = pool.verificationFee().plus(pool.verifierStake());
    Require.that(
        !finderBonus.isNegative() && finderBonus.toRational().compareTo(cap) <= 0,
        "finderBonus must lie between 0 and (a + b)C_v");
    Require.that(
        finderBonus
                .toRational()
                .times(committeeSize)
                .times(maxCommittees)
                .compareTo(pool.generatorStake())
            <= 0,
        "the bonuses of all committees must fit into the generator's stake");
    Require.that(
        burnShare.compareTo(Rational.of(1, 2)) >= 0 && burnShare.compareTo(Rational.ONE) <= 0,
        "burnShare must lie in [1/2, 1]");
  }

  /** Returns quorum two thirds, three committees, no bonus, nine tenths burnt. */
  public static HardenedTerms withDefaults(PoolTerms pool, int committeeSize) {
    return new HardenedTerms(
        pool, committeeSize, (2 * committeeSize + 2) / 3, 3, Micros.ZERO, Rational.of(9, 10));
  }

  /** Returns what the user deposits at most: generation, and every committee's fee up to K_max. */
  public Rational mostUserCost() {
    return pool.generationFee()
        .plus(pool.verificationFee().times(committeeSize).times(maxCommittees));
  }
}
