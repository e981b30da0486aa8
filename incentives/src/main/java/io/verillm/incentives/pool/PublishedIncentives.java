package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Rational;

/**
 * What the published payoff table rewards; none of it is in the paper. Exact where it returns a
 * {@link Rational}, in micro-units.
 *
 * @param terms the multipliers and costs
 */
public record PublishedIncentives(PoolTerms terms) {
  /**
   * Returns what verifier k ≥ 2 gains by confirming an earlier verifier instead of the generator,
   * b(C_g − C_v) − 2aC_v; the same at every stage, so later verifiers are not more honest.
   */
  public Rational gainFromConfirmingVerifier(int stage) {
    Require.atLeast(stage, 2, "stage");
    PublishedPool pool = new PublishedPool(terms);
    PoolRole role = PoolRole.verifier(stage);
    return pool.settle(new PoolOutcome.ConfirmsVerifier(stage, 1))
        .gross(role)
        .minus(pool.settle(new PoolOutcome.ConfirmsGenerator(stage)).gross(role));
  }

  /**
   * Returns what the first verifier earns by agreeing unseen, aC_v: no work, no risk, in every
   * state of the world.
   */
  public Rational lazyFirstVerifier() {
    return new PublishedPool(terms)
        .settle(new PoolOutcome.ConfirmsGenerator(1))
        .net(PoolRole.verifier(1));
  }

  /**
   * Returns the probability of a bad answer from which a challenge pays the user, C_v / (C_g +
   * C_v).
   */
  public Rational challengeThreshold() {
    return Rational.of(
        terms.verificationCost().value(),
        Math.addExact(terms.verificationCost().value(), terms.generationCost().value()));
  }

  /**
   * Returns the least audit rate times detection power that keeps a generator honest, saving / (a +
   * b).
   *
   * @param savingShare s, share of C_g saved by cheating
   */
  public Rational leastAuditTimesPower(Rational savingShare) {
    return savingShare.dividedBy(terms.userMultiplier().plus(terms.stakeMultiplier()));
  }

  /**
   * Returns the decoy rate at which an honest and a lazy first verifier earn the same, c_v / ((a +
   * b)C_v·d).
   *
   * @param verifierCost c_v in units of C_v
   * @param power d, probability that honest verification finds the decoy
   */
  public Rational leastDecoyRate(Rational verifierCost, Rational power) {
    return verifierCost.dividedBy(
        terms.userMultiplier().plus(terms.stakeMultiplier()).times(power));
  }

  /**
   * Returns the lazy first verifier's expected net pay with decoys at {@code rate}, in micro-units.
   */
  public Rational lazyWithDecoys(Rational rate, Rational power) {
    Rational lost = terms.verificationFee().plus(terms.verifierStake());
    return lazyFirstVerifier().minus(rate.times(power).times(lost));
  }

  /**
   * Returns the share of verifier selection above which framing an honest generator pays, (a +
   * b)C_v / (b(C_g + C_v)).
   */
  public Rational framingThreshold() {
    Rational honest = terms.verificationFee().plus(terms.verifierStake());
    return honest.dividedBy(terms.generatorStake().plus(terms.verifierStake()));
  }

  /**
   * Returns what a coalition with {@code share} of verifier selection gains by framing over honest
   * pay, once it is drawn first: with probability share it is drawn second too and takes bC_g,
   * otherwise it loses bC_v.
   */
  public Rational framingGain(Rational share) {
    PoolPayout framed = new PublishedPool(terms).settle(new PoolOutcome.ConfirmsVerifier(2, 1));
    Rational pair = framed.net(PoolRole.verifier(1)).plus(framed.net(PoolRole.verifier(2)));
    Rational alone = terms.verifierStake().negate();
    return share
        .times(pair)
        .plus(Rational.ONE.minus(share).times(alone))
        .minus(lazyFirstVerifier());
  }
}
