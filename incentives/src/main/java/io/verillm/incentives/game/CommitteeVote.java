package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;
import java.util.OptionalInt;

/**
 * Majority votes of committees drawn from a population with a given honest share.
 *
 * <p>Source: VeriLLM v4, appendix E, lemmas E.1 and E.2, with exact binomial sizes beside the
 * bounds. Every figure supposes that members err independently and are drawn at random after the
 * receipt was acknowledged.
 *
 * @param honestShare r, share of honest verifiers, in [0, 1]
 * @param errorRate μ, probability that an honest verifier errs, in [0, 1]
 */
public record CommitteeVote(double honestShare, double errorRate) {
  private static final int LARGEST = 9_999;

  /** Checks the rates. */
  public CommitteeVote {
    Require.probability(honestShare, "honestShare");
    Require.probability(errorRate, "errorRate");
  }

  /** Returns the least honest share of lemma E.1, 1 / (2(1 − μ)²); above one there is none. */
  public static double requiredHonestShare(double errorRate) {
    Require.probability(errorRate, "errorRate");
    return 1 / (2 * (1 - errorRate) * (1 - errorRate));
  }

  /**
   * Returns the probability that all of {@code members} are corrupt, ρ^k; the bound of the
   * one-honest-verifier model.
   */
  public static double allCorrupt(double corruptRate, int members) {
    return StrictMath.pow(Require.probability(corruptRate, "corruptRate"), members);
  }

  /**
   * Returns the probability that at least half plus one of a committee is Byzantine, each with rate
   * {@code byzantine}.
   */
  public static double captureProbability(int members, double byzantine) {
    requireOdd(members);
    return Binomials.atLeast(members, Require.probability(byzantine, "byzantine"), members / 2 + 1);
  }

  /**
   * Returns the same for a committee drawn without replacement from {@code all} nodes, {@code bad}
   * of them Byzantine.
   */
  public static double captureProbability(int all, int bad, int members) {
    requireOdd(members);
    Require.that(
        bad >= 0 && bad <= all && members <= all, "want 0 <= bad <= all and members <= all");
    return Binomials.hypergeometricAtLeast(all, bad, members, members / 2 + 1);
  }

  /** Returns the probability that one drawn verifier votes correctly, at least r(1 − μ). */
  public double correctVote() {
    return honestShare * (1 - errorRate);
  }

  /** Returns the condition of lemma E.1. */
  public Condition firstRound() {
    return new Condition(
        "the honest share exceeds 1/(2(1-mu)^2)", honestShare, requiredHonestShare(errorRate));
  }

  /** Returns the exact probability that the majority of an odd committee votes correctly. */
  public double majorityCorrect(int members) {
    requireOdd(members);
    return Binomials.atLeast(members, correctVote(), members / 2 + 1);
  }

  /** Returns the exact probability that the majority of an odd committee votes wrongly. */
  public double majorityWrong(int members) {
    requireOdd(members);
    return Binomials.atLeast(members, 1 - correctVote(), members / 2 + 1);
  }

  /**
   * Returns the bound of lemma E.2, ln(1/ξ) / (2(r(1 − μ) − ½)²); the committee must be larger.
   * Infinite if a drawn verifier is right at most half the time.
   */
  public double secondRoundBound(double failure) {
    requireFailure(failure);
    double edge = correctVote() - 0.5;
    return edge > 0 ? StrictMath.log(1 / failure) / (2 * edge * edge) : Double.POSITIVE_INFINITY;
  }

  /**
   * Returns the smallest odd size above {@link #secondRoundBound}; empty if there is none below ten
   * thousand.
   */
  public OptionalInt secondRoundSize(double failure) {
    double bound = secondRoundBound(failure);
    if (!(bound < LARGEST)) {
      return OptionalInt.empty();
    }
    int size = (int) Math.floor(bound) + 1;
    return OptionalInt.of(size % 2 == 0 ? size + 1 : size);
  }

  /**
   * Returns the smallest odd size whose exact failure probability is at most {@code failure}; at
   * most 9999.
   */
  public OptionalInt exactSecondRoundSize(double failure) {
    requireFailure(failure);
    OptionalInt bound = secondRoundSize(failure);
    for (int size = 1; bound.isPresent() && size <= bound.getAsInt(); size += 2) {
      if (majorityWrong(size) <= failure) {
        return OptionalInt.of(size);
      }
    }
    return bound;
  }

  private static void requireFailure(double failure) {
    Require.that(failure > 0 && failure < 1, "failure must lie in (0, 1), got " + failure);
  }

  private static void requireOdd(int members) {
    Require.that(members >= 1 && members % 2 == 1, "a committee is odd, got " + members);
    Require.that(members <= LARGEST, "a committee has at most " + LARGEST + " members");
  }
}
