package io.verillm.network.flow;

import io.verillm.network.message.Vote;

/** What became of one seat of a committee. Only votes that {@link #counts count} are paid. */
public enum SeatResult {
  /** Committed, revealed, rows verified and in line with the committee. */
  COUNTED,
  /** No commitment before the deadline. */
  NO_COMMITMENT,
  /** Committed and did not reveal. */
  NO_REVEAL,
  /**
   * As {@link #COUNTED}, but counted as a rejection: it committed to accept before the rows were
   * drawn, and at these its own rows, which are in line with the committee, differ from the
   * prover's. Nobody could have known that when votes were committed.
   */
  COUNTED_BY_ROWS,
  /** Its rows differ from those of at least half of the other members: not paid, never slashed. */
  DEVIATES;

  /** Whether the vote counts and the seat is paid. */
  public boolean counts() {
    return this == COUNTED || this == COUNTED_BY_ROWS;
  }

  /** What a vote counts as: the rows speak where they were not known when it was committed. */
  public Vote vote(Vote committed) {
    return this == COUNTED_BY_ROWS ? Vote.REJECT : committed;
  }
}
