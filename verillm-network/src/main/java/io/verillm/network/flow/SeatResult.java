package io.verillm.network.flow;

/** What became of one seat of a committee. Only {@link #COUNTED} votes count and are paid. */
public enum SeatResult {
  /** Committed, revealed, rows verified and in line with the committee. */
  COUNTED,
  /** No commitment before the deadline. */
  NO_COMMITMENT,
  /** Committed and did not reveal. */
  NO_REVEAL,
  /** Accepts although its own rows differ from the prover's. */
  CONTRADICTS_ITSELF,
  /** Its rows differ from those of at least half of the other members: not paid, never slashed. */
  DEVIATES
}
