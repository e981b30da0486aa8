package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Exact deposits into and payments out of one pool; the two sums are equal or the object does not
 * exist.
 *
 * @param deposits micro-units each role put in
 * @param payments micro-units each role takes out, none negative
 * @param burnt micro-units destroyed
 * @param treasury micro-units kept by the treasury before rounding
 */
public record PoolPayout(
    SortedMap<PoolRole, Rational> deposits,
    SortedMap<PoolRole, Rational> payments,
    Rational burnt,
    Rational treasury) {
  /** Checks conservation. */
  public PoolPayout {
    deposits = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(deposits));
    payments = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(payments));
    Rational in = sum(deposits);
    Rational out = sum(payments).plus(burnt).plus(treasury);
    Require.that(in.equals(out), "pool takes in " + in + " and pays out " + out);
    Require.that(
        burnt.signum() >= 0 && treasury.signum() >= 0, "burnt and treasury are not negative");
    for (Map.Entry<PoolRole, Rational> payment : payments.entrySet()) {
      Require.that(payment.getValue().signum() >= 0, "negative payment to " + payment.getKey());
    }
  }

  /** Returns what is paid to a role. */
  public Rational gross(PoolRole role) {
    return payments.getOrDefault(role, Rational.ZERO);
  }

  /** Returns what is paid to a role less what it put in. */
  public Rational net(PoolRole role) {
    return gross(role).minus(deposits.getOrDefault(role, Rational.ZERO));
  }

  /** Returns the sum of the deposits. */
  public Rational pool() {
    return sum(deposits);
  }

  /**
   * Returns the settlement that collects the deposits and makes the payments at once. Deposits
   * round up, payments round down, and the treasury gets the difference: less than one micro-unit
   * per line.
   *
   * @param accounts the account of each role, one per role; deposits come from it and payments go
   *     to it
   */
  public Settlement toSettlement(SettlementId id, Function<PoolRole, Account> accounts) {
    List<Posting> takes = new ArrayList<>();
    deposits.forEach(
        (role, amount) -> {
          Micros whole = amount.ceilingMicros();
          if (whole.isPositive()) {
            takes.add(new Posting(accounts.apply(role), whole));
          }
        });
    Map<Account, Rational> shares = new TreeMap<>();
    payments.forEach((role, amount) -> shares.merge(accounts.apply(role), amount, Rational::plus));
    shares.merge(Account.BURN, burnt, Rational::plus);
    shares.merge(Account.TREASURY, treasury, Rational::plus);
    return Settlement.divide(id, takes, shares, Account.TREASURY);
  }

  private static Rational sum(Map<PoolRole, Rational> amounts) {
    return amounts.values().stream().reduce(Rational.ZERO, Rational::plus);
  }
}
