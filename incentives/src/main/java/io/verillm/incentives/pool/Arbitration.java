package io.verillm.incentives.pool;

import io.verillm.incentives.money.Rational;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The end of a game in which nobody agreed: the user is refunded in full and every stake goes back.
 */
final class Arbitration {
  private Arbitration() {}

  /**
   * Nobody was shown to be wrong, so nobody is punished, and nobody did work that somebody
   * confirmed, so nobody is paid.
   */
  static PoolPayout settle(PoolTerms terms, int verifiers) {
    SortedMap<PoolRole, Rational> deposits = PublishedPool.deposits(terms, verifiers);
    return new PoolPayout(deposits, new TreeMap<>(deposits), Rational.ZERO, Rational.ZERO);
  }
}
