package io.verillm.network.evidence;

import io.verillm.incentives.money.Rational;
import io.verillm.incentives.slashing.ExceedanceWealth;
import io.verillm.incentives.slashing.PriceOfSilence;
import io.verillm.incentives.slashing.SlashingLadder;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import java.util.Objects;

/**
 * The rules under which evidence accumulates in a network. Immutable; thread-safe.
 *
 * @param honestRate upper bound of the rate at which honest nodes exceed the fixed threshold, in
 *     (0, 1); see {@link #ofHonestRuns}
 * @param logCap most that one receipt adds to ln wealth, above zero
 * @param ladder the levels, and the rule over all nodes
 * @param silence what an unanswered acknowledged challenge costs
 * @param burnShare share of a slash that is burnt, in [0, 1]; the treasury gets the rest
 * @param roundsPerEpoch rounds of randomness per epoch, at least 1; epoch e holds the receipts that
 *     were acknowledged in the rounds from e · roundsPerEpoch on
 */
public record EvidenceTerms(
    double honestRate,
    double logCap,
    SlashingLadder ladder,
    PriceOfSilence silence,
    Rational burnShare,
    long roundsPerEpoch) {
  /** Confidence of the bound on the honest rate. */
  public static final double CONFIDENCE = 0.9999;

  /** Checks the ranges. */
  public EvidenceTerms {
    if (!(honestRate > 0 && honestRate < 1)) {
      throw new IllegalArgumentException("the honest rate must lie in (0, 1), is " + honestRate);
    }
    if (!(logCap > 0 && logCap < 100)) {
      throw new IllegalArgumentException("the cap must lie in (0, 100), is " + logCap);
    }
    Objects.requireNonNull(ladder, "ladder");
    Objects.requireNonNull(silence, "silence");
    if (burnShare.signum() < 0 || burnShare.compareTo(Rational.ONE) > 0) {
      throw new IllegalArgumentException("a share to burn of " + burnShare);
    }
    if (roundsPerEpoch < 1 || roundsPerEpoch > 1L << 40) {
      throw new IllegalArgumentException(roundsPerEpoch + " rounds per epoch");
    }
  }

  /**
   * Returns terms with a cap of a factor of ten, default levels, e-BH at 1 %, half of every slash
   * burnt and 28,800 rounds per epoch (a day of quicknet). With that cap no fewer than four
   * receipts ever reach the slash level.
   *
   * @param exceedances how often honest runs exceeded the threshold
   * @param runs how many honest runs there were; not the sequences from which the threshold came
   * @throws IllegalArgumentException if so few runs bound nothing: every run exceeded
   */
  public static EvidenceTerms ofHonestRuns(long exceedances, long runs, PriceOfSilence silence) {
    return new EvidenceTerms(
        ClopperPearson.upperBound(exceedances, runs, CONFIDENCE),
        StrictMath.log(10),
        SlashingLadder.withDefaults(0.01),
        silence,
        Rational.of(1, 2),
        28_800);
  }

  /**
   * The evidence of counts: the uniform mixture over rates above {@link #honestRate}. Without an
   * exceedance it is never above 1.
   */
  ExceedanceWealth wealth() {
    return OneSidedBetaMixture.uniform(honestRate)::logE;
  }

  /** The epoch to which a receipt acknowledged in a round belongs. */
  public long epochOf(long acknowledgedRound) {
    return Math.floorDiv(acknowledgedRound, roundsPerEpoch);
  }
}
