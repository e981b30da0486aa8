package io.verillm.incentives.pool;

import io.verillm.incentives.money.Rational;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The payoff table of Proof of Cache as published, for comparison. Exact.
 *
 * <p>Do not run it: two verifiers who agree seize an honest generator's stake, and the first
 * verifier is paid for agreeing unseen ({@link PublishedIncentives}). Arbitration is ours, since
 * the published game need not end.
 *
 * @param terms the multipliers and costs
 */
public record PublishedPool(PoolTerms terms) {
  /** Returns the payments of an outcome. */
  public PoolPayout settle(PoolOutcome outcome) {
    if (outcome instanceof PoolOutcome.NoChallenge) {
      return generatorWins(0, terms.verificationFee());
    }
    if (outcome instanceof PoolOutcome.ConfirmsGenerator end) {
      return generatorWins(end.verifiers(), Rational.ZERO);
    }
    if (outcome instanceof PoolOutcome.ConfirmsVerifier end) {
      return verifierWins(end.verifiers(), end.confirmed());
    }
    return Arbitration.settle(terms, outcome.verifiers());
  }

  /**
   * G gets (a + b)C_g; the last verifier gets (a + kb)C_v, its own stake and those of the k − 1
   * slashed included.
   */
  private PoolPayout generatorWins(int verifiers, Rational backToUser) {
    SortedMap<PoolRole, Rational> pay = new TreeMap<>();
    pay.put(PoolRole.USER, backToUser);
    pay.put(PoolRole.GENERATOR, terms.generationFee().plus(terms.generatorStake()));
    if (verifiers > 0) {
      pay.put(
          PoolRole.verifier(verifiers),
          terms.verificationFee().plus(terms.verifierStake().times(verifiers)));
    }
    return new PoolPayout(deposits(terms, verifiers), pay, Rational.ZERO, Rational.ZERO);
  }

  /** U is refunded, V_j gets (a + b)C_v, V_k gets bC_g + ((k − 1)b − a)C_v. */
  private PoolPayout verifierWins(int verifiers, int confirmed) {
    SortedMap<PoolRole, Rational> pay = new TreeMap<>();
    pay.put(PoolRole.USER, terms.generationFee().plus(terms.verificationFee()));
    pay.put(PoolRole.verifier(confirmed), terms.verificationFee().plus(terms.verifierStake()));
    pay.put(
        PoolRole.verifier(verifiers),
        terms
            .generatorStake()
            .plus(terms.verifierStake().times(verifiers - 1L))
            .minus(terms.verificationFee()));
    return new PoolPayout(deposits(terms, verifiers), pay, Rational.ZERO, Rational.ZERO);
  }

  static SortedMap<PoolRole, Rational> deposits(PoolTerms terms, int verifiers) {
    SortedMap<PoolRole, Rational> deposits = new TreeMap<>();
    deposits.put(PoolRole.USER, terms.generationFee().plus(terms.verificationFee()));
    deposits.put(PoolRole.GENERATOR, terms.generatorStake());
    for (int stage = 1; stage <= verifiers; stage++) {
      deposits.put(PoolRole.verifier(stage), terms.verifierStake());
    }
    return deposits;
  }
}
