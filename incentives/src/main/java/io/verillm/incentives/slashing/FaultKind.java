package io.verillm.incentives.slashing;

/**
 * Faults that the accused's own signed messages, or a log and a deadline, prove without any
 * statistics.
 */
public enum FaultKind {
  /** Two signed messages that cannot both be true, such as two receipts for one order. */
  EQUIVOCATION,
  /** A signed opening whose path does not lead to the signed head. */
  BAD_OPENING,
  /** A reveal that differs from its commitment. */
  REVEAL_DIFFERS,
  /** A receipt that contradicts the order it names. */
  ORDER_MISMATCH,
  /**
   * Values or tokens that canonical arithmetic cannot give, in a receipt that declares the
   * canonical class.
   */
  CANONICAL_MISMATCH,
  /**
   * An acknowledged challenge without an answer at its deadline; costs the price of silence, not
   * the stake.
   */
  SILENCE
}
