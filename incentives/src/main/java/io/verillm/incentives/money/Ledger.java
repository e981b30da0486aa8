package io.verillm.incentives.money;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Balances, changed by settlements and by nothing else.
 *
 * <p>Invariants: no balance but {@link Account#OUTSIDE}'s is negative; all balances together are
 * zero; a settlement id is applied at most once. A settlement is applied whole or not at all.
 * Settlements that are all applied lead to the same balances in any order. For one thread at a
 * time.
 */
public final class Ledger {
  private final Map<Account, Micros> balances = new HashMap<>();
  private final Map<SettlementId, Settlement> applied = new HashMap<>();

  /** Creates an empty ledger. */
  public Ledger() {}

  /**
   * Applies a settlement, or says why not.
   *
   * @throws ArithmeticException if a balance would not fit 64 bits; nothing changed then
   */
  @CheckReturnValue
  public PostingResult apply(Settlement settlement) {
    SettlementId id = settlement.id();
    Settlement earlier = applied.get(id);
    if (earlier != null) {
      return earlier.equals(settlement)
          ? new PostingResult.AlreadyApplied(id)
          : new PostingResult.Refused(
              id, PostingResult.Reason.ID_CONFLICT, "another settlement was applied under " + id);
    }
    for (Posting take : settlement.takes()) {
      if (take.account().equals(Account.BURN)) {
        return new PostingResult.Refused(
            id, PostingResult.Reason.TAKES_FROM_BURN, "what is burnt stays burnt");
      }
      // An account that also gets money back must still cover its take: money is not lent within a
      // settlement.
      if (!take.account().equals(Account.OUTSIDE)
          && balance(take.account()).compareTo(take.amount()) < 0) {
        return new PostingResult.Refused(
            id,
            PostingResult.Reason.INSUFFICIENT_FUNDS,
            take.account() + " has " + balance(take.account()) + ", needs " + take.amount());
      }
    }
    // Computed before anything changes: a sum beyond 64 bits must not leave half a settlement.
    Map<Account, Micros> after = new HashMap<>();
    for (Posting take : settlement.takes()) {
      after.put(take.account(), balance(take.account()).minus(take.amount()));
    }
    for (Posting pay : settlement.pays()) {
      Micros before = after.getOrDefault(pay.account(), balance(pay.account()));
      after.put(pay.account(), before.plus(pay.amount()));
    }
    balances.putAll(after);
    applied.put(id, settlement);
    return new PostingResult.Applied(id);
  }

  /** Returns the balance, zero for an account never seen. */
  public Micros balance(Account account) {
    return balances.getOrDefault(account, Micros.ZERO);
  }

  /** Returns all balances other than zero, by name; a copy. */
  public SortedMap<Account, Micros> balances() {
    SortedMap<Account, Micros> copy = new TreeMap<>();
    balances.forEach(
        (account, amount) -> {
          if (!amount.equals(Micros.ZERO)) {
            copy.put(account, amount);
          }
        });
    return copy;
  }

  /** Returns how many settlements were applied. */
  public int settlementCount() {
    return applied.size();
  }

  /**
   * Returns a digest of the balances other than zero, equal for equal balances; two parties compare
   * it to find out that their books agree. It does not cover how the balances came about.
   */
  public Digest32 balancesDigest() {
    MessageDigest hash = Digest32.newSha256();
    hash.update("verillm-balances-v1".getBytes(StandardCharsets.US_ASCII));
    balances()
        .forEach(
            (account, amount) -> {
              byte[] name = account.name().getBytes(StandardCharsets.UTF_8);
              hash.update(ByteBuffer.allocate(4).putInt(name.length).array());
              hash.update(name);
              hash.update(ByteBuffer.allocate(8).putLong(amount.value()).array());
            });
    return Digest32.copyOf(hash.digest());
  }
}
