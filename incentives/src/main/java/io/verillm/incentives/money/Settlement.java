package io.verillm.incentives.money;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A movement of money whose inputs equal its outputs; an instance that breaks this cannot exist.
 *
 * <p>It says that the movement conserves money, not that anybody deserves it.
 *
 * @param id makes the settlement happen at most once
 * @param takes what each account gives, one line per account, sorted by name
 * @param pays what each account gets, one line per account, sorted by name
 */
public record Settlement(SettlementId id, List<Posting> takes, List<Posting> pays) {
  /**
   * Checks conservation.
   *
   * @throws IllegalArgumentException if the sums differ, an account stands twice on one side, or a
   *     side is empty
   */
  public Settlement {
    takes = sorted(takes);
    pays = sorted(pays);
    Micros in = sum(takes);
    Micros out = sum(pays);
    if (!in.equals(out)) {
      throw new IllegalArgumentException("settlement takes " + in + " and pays " + out);
    }
    if (takes.isEmpty()) {
      throw new IllegalArgumentException("a settlement moves something");
    }
  }

  /** Returns the settlement that moves {@code amount} from one account to another. */
  public static Settlement transfer(SettlementId id, Account from, Account to, Micros amount) {
    return new Settlement(id, List.of(new Posting(from, amount)), List.of(new Posting(to, amount)));
  }

  /**
   * Divides what {@code takes} bring in. Each share is rounded down to whole micro-units and what
   * is left over, less than one micro-unit per share plus what the takes exceed the shares by, goes
   * to {@code residueTo}.
   *
   * @param shares exact micro-units per account, none negative; a share that rounds to nothing is
   *     not paid
   * @param residueTo usually {@link Account#TREASURY}
   * @throws IllegalArgumentException if a share is negative or the shares exceed what comes in
   */
  public static Settlement divide(
      SettlementId id, List<Posting> takes, Map<Account, Rational> shares, Account residueTo) {
    Micros left = sum(takes);
    Map<Account, Micros> amounts = new java.util.TreeMap<>();
    for (Map.Entry<Account, Rational> share : shares.entrySet()) {
      if (share.getValue().signum() < 0) {
        throw new IllegalArgumentException("negative share for " + share.getKey());
      }
      Micros amount = share.getValue().floorMicros();
      left = left.minus(amount);
      amounts.put(share.getKey(), amount);
    }
    if (left.isNegative()) {
      throw new IllegalArgumentException("shares exceed what comes in by " + left.negate());
    }
    amounts.merge(residueTo, left, Micros::plus);
    List<Posting> pays = new ArrayList<>();
    amounts.forEach(
        (account, amount) -> {
          if (amount.isPositive()) {
            pays.add(new Posting(account, amount));
          }
        });
    return new Settlement(id, takes, pays);
  }

  /** Returns what moves: the sum of the takes, which is the sum of the pays. */
  public Micros total() {
    return sum(takes);
  }

  /** Returns how much {@code account} gains, negative if it loses. */
  public Micros netOf(Account account) {
    Micros net = Micros.ZERO;
    for (Posting posting : pays) {
      net = posting.account().equals(account) ? net.plus(posting.amount()) : net;
    }
    for (Posting posting : takes) {
      net = posting.account().equals(account) ? net.minus(posting.amount()) : net;
    }
    return net;
  }

  private static Micros sum(List<Posting> postings) {
    long sum = 0;
    for (Posting posting : postings) {
      sum = Math.addExact(sum, posting.amount().value());
    }
    return Micros.of(sum);
  }

  private static List<Posting> sorted(List<Posting> postings) {
    if (postings.size() <= 1) {
      return List.copyOf(postings);
    }
    List<Posting> copy = new ArrayList<>(postings);
    Collections.sort(copy);
    for (int line = 1; line < copy.size(); line++) {
      if (copy.get(line).account().equals(copy.get(line - 1).account())) {
        throw new IllegalArgumentException(copy.get(line).account() + " stands twice on one side");
      }
    }
    return List.copyOf(copy);
  }
}
