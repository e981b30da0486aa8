package io.verillm.network.flow;

/** Where a job is. Every phase but the last two waits for something and has a deadline. */
public enum Phase {
  /** Terms are signed; waits for the prover's acceptance. */
  OFFERED,
  /** Accepted and funded; waits for the receipt. */
  CREATED,
  /** The receipt is there; waits for an ack. */
  OUTPUT_COMMITTED,
  /** Acknowledged; flow A waits for the challenge, flow B for the round that draws verifiers. */
  ACKNOWLEDGED,
  /** Flow B: verifiers are assigned; waits for their commitments. */
  COMMIT_PHASE,
  /** Flow B: no commitment is taken any more; waits for the round that draws rows. */
  COMMITS_CLOSED,
  /** Rows are drawn; waits for openings. */
  CHALLENGED,
  /** Flow A: opened; anyone may object. */
  OPENED,
  /** Flow B: the first committee has decided; the party it decided against may dispute. */
  FIRST_VERDICT,
  /** Flow B: disputed; waits for the round that draws the second committee. */
  DISPUTED,
  /** Over: the money has been divided by an outcome. */
  SETTLED,
  /** Over: somebody let a deadline pass before there was anything to decide. */
  EXPIRED;

  /** Whether the job is over. */
  public boolean isOver() {
    return this == SETTLED || this == EXPIRED;
  }
}
