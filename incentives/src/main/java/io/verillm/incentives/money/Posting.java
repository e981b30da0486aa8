package io.verillm.incentives.money;

/**
 * One line of a settlement: an account and how much it gives or gets.
 *
 * @param account whose balance changes
 * @param amount more than zero; the direction is the settlement's
 */
public record Posting(Account account, Micros amount) implements Comparable<Posting> {
  /** Checks the amount. */
  public Posting {
    if (!amount.isPositive()) {
      throw new IllegalArgumentException(
          "a posting moves more than zero, got " + amount + " for " + account);
    }
  }

  @Override
  public int compareTo(Posting other) {
    int byName = account.compareTo(other.account);
    return byName != 0 ? byName : amount.compareTo(other.amount);
  }
}
