package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;

/**
 * What a job pays and costs its prover, in micro-units.
 *
 * @param pay for a job
 * @param cost of computing it honestly, outside the ledger
 * @param saving part of the cost that cheating saves
 * @param forfeit pay lost when a committee rejects an audited job: that of the batch it was drawn
 *     from, held in escrow
 * @param clientFee what the client pays on top, to the treasury
 * @param stake what the slashing ladder can reach
 * @param silenceFee lost from the stake when an acknowledged challenge stays unanswered
 */
public record ProverTerms(
    long pay, long cost, long saving, long forfeit, long clientFee, long stake, long silenceFee) {
  /** Checks the signs. */
  public ProverTerms {
    Require.that(
        pay > 0 && cost > 0 && saving > 0 && saving <= cost,
        "pay and cost are positive and cheating saves at most the cost");
    Require.that(
        forfeit >= 0 && clientFee >= 0 && stake >= 0 && silenceFee >= 0,
        "amounts are not negative");
  }
}
