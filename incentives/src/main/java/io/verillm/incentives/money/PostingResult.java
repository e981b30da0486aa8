package io.verillm.incentives.money;

/** What became of a settlement that was offered to a ledger. */
public sealed interface PostingResult {
  /** The balances changed. */
  record Applied(SettlementId id) implements PostingResult {}

  /** The same settlement was applied before; nothing changed. */
  record AlreadyApplied(SettlementId id) implements PostingResult {}

  /** Nothing changed, and the settlement may not be retried as it is. */
  record Refused(SettlementId id, Reason reason, String detail) implements PostingResult {}

  /** Why a ledger refuses. */
  enum Reason {
    /** Another settlement was applied under this id. */
    ID_CONFLICT,
    /** An account would fall below zero. */
    INSUFFICIENT_FUNDS,
    /** Money would leave the burn account. */
    TAKES_FROM_BURN
  }

  /** Says whether the ledger now contains the settlement. */
  default boolean isInLedger() {
    return !(this instanceof Refused);
  }
}
