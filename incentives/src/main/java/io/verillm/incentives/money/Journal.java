package io.verillm.incentives.money;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.ArrayList;
import java.util.List;

/**
 * A ledger together with the settlements that made it, in order; replaying them gives the same
 * balances.
 *
 * <p>Only applied settlements are written down, so a replay never meets a refusal. For one thread
 * at a time.
 */
public final class Journal {
  private final Ledger ledger = new Ledger();
  private final List<Settlement> entries = new ArrayList<>();

  /** Creates an empty journal. */
  public Journal() {}

  /**
   * Replays entries into a fresh journal.
   *
   * @throws IllegalStateException if an entry is refused: then the list is not the record of a
   *     ledger
   */
  public static Journal replay(List<Settlement> entries) {
    Journal journal = new Journal();
    for (Settlement entry : entries) {
      if (journal.post(entry) instanceof PostingResult.Refused refused) {
        throw new IllegalStateException("journal entry " + entry.id() + ": " + refused.detail());
      }
    }
    return journal;
  }

  /** Applies a settlement to the ledger and writes it down if it was applied now. */
  @CheckReturnValue
  public PostingResult post(Settlement settlement) {
    PostingResult result = ledger.apply(settlement);
    if (result instanceof PostingResult.Applied) {
      entries.add(settlement);
    }
    return result;
  }

  /** Returns the balance of an account. */
  public Micros balance(Account account) {
    return ledger.balance(account);
  }

  /** Returns the ledger's balances. */
  public java.util.SortedMap<Account, Micros> balances() {
    return ledger.balances();
  }

  /** Returns a digest of the balances, see {@link Ledger#balancesDigest}. */
  public io.verillm.core.wire.Digest32 balancesDigest() {
    return ledger.balancesDigest();
  }

  /** Returns what was applied, in order; a copy. */
  public List<Settlement> entries() {
    return List.copyOf(entries);
  }
}
