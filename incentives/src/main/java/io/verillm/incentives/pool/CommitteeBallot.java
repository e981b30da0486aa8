package io.verillm.incentives.pool;

import java.util.List;

/**
 * The votes of one committee, in seat order.
 *
 * @param votes one per seat
 */
public record CommitteeBallot(List<Vote> votes) {
  /** What one verifier said. */
  public enum Vote {
    /** The answer is the generator's claim. */
    ACCEPT,
    /** It is not. */
    REJECT,
    /** No vote before the deadline. */
    SILENT
  }

  /** Copies the votes. */
  public CommitteeBallot {
    votes = List.copyOf(votes);
  }

  /** Returns how often a vote was cast. */
  public int count(Vote vote) {
    return (int) votes.stream().filter(vote::equals).count();
  }
}
