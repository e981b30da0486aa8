package io.verillm.network.dispute;

import io.verillm.incentives.money.Micros;
import java.util.Objects;

/**
 * What both parties agreed to before a dispute.
 *
 * @param moveMillis time for each move, counted on the clock of the log, at least 1
 * @param proverBond what the prover puts at stake
 * @param challengerBond what the challenger puts at stake
 * @param fee what the loser's bond pays for the adjudication, at most either bond
 */
public record BisectionTerms(
    long moveMillis, Micros proverBond, Micros challengerBond, Micros fee) {
  /** Checks the amounts. */
  public BisectionTerms {
    Objects.requireNonNull(proverBond, "proverBond");
    Objects.requireNonNull(challengerBond, "challengerBond");
    if (moveMillis < 1
        || !proverBond.isPositive()
        || !challengerBond.isPositive()
        || fee.isNegative()
        || fee.compareTo(proverBond.min(challengerBond)) > 0) {
      throw new IllegalArgumentException(
          "moves take "
              + moveMillis
              + " ms, bonds "
              + proverBond
              + " and "
              + challengerBond
              + ", fee "
              + fee);
    }
  }
}
