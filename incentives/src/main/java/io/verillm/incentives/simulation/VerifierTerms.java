package io.verillm.incentives.simulation;

import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.internal.Require;

/**
 * What a seat in a committee pays and costs, in micro-units.
 *
 * @param fee for a report that was opened
 * @param cost what looking costs the verifier, outside the ledger
 * @param missedBadLoss lost for an ok on a known-bad decoy
 * @param falseFlagLoss lost for a flag on a known-good decoy
 * @param unopenedLoss lost for a commitment that cannot be opened
 * @param peerTable added for the report and that of the next seat; rounded to whole micro-units
 */
public record VerifierTerms(
    long fee,
    long cost,
    long missedBadLoss,
    long falseFlagLoss,
    long unopenedLoss,
    PayoffTable peerTable) {
  /** Checks the signs. */
  public VerifierTerms {
    Require.that(
        fee >= 0 && cost > 0 && missedBadLoss >= 0 && falseFlagLoss >= 0 && unopenedLoss >= 0,
        "amounts are not negative and looking costs something");
  }
}
