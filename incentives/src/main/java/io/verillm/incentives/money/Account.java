package io.verillm.incentives.money;

/**
 * The name of a place where money lies.
 *
 * @param name 1 to 200 characters
 */
public record Account(String name) implements Comparable<Account> {
  /** Takes what rounding leaves over, and fees. */
  public static final Account TREASURY = new Account("treasury");

  /** Takes what is destroyed; a ledger never lets anything out of it. */
  public static final Account BURN = new Account("burn");

  /**
   * The world outside the ledger. Deposits come from here and withdrawals go here; its balance is
   * what the ledger owes to nobody inside, with a minus sign, and it is the only balance that may
   * be negative. All balances together are zero.
   */
  public static final Account OUTSIDE = new Account("outside");

  /** Checks the name. */
  public Account {
    if (name.isEmpty() || name.length() > 200) {
      throw new IllegalArgumentException(
          "an account name has 1 to 200 characters, got " + name.length());
    }
  }

  /** Returns the account in which {@code owner} keeps the money it may spend. */
  public static Account wallet(String owner) {
    return new Account("wallet/" + owner);
  }

  /** Returns the account in which the stake of {@code owner} is locked. */
  public static Account stake(String owner) {
    return new Account("stake/" + owner);
  }

  /** Returns the account that holds what is in dispute about {@code subject}. */
  public static Account escrow(String subject) {
    return new Account("escrow/" + subject);
  }

  @Override
  public int compareTo(Account other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
