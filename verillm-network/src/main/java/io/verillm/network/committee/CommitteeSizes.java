package io.verillm.network.committee;

import io.verillm.incentives.game.CommitteeVote;
import java.util.OptionalInt;

/**
 * How often committees of given sizes are wrong, by the lemmas and exactly.
 *
 * <p>Every figure supposes that members err independently and were drawn at random after the
 * receipt was acknowledged; it says nothing about a population in which more are dishonest than
 * assumed.
 *
 * @param vote honest share r and error rate mu of the population
 * @param failure failure bound xi of the second committee
 * @param lemmaSize smallest odd size above the bound of lemma E.2; empty if there is none
 * @param exactSize smallest odd size whose exact binomial failure is at most xi; empty if none
 */
public record CommitteeSizes(
    CommitteeVote vote, double failure, OptionalInt lemmaSize, OptionalInt exactSize) {
  /** Computes the sizes. */
  public static CommitteeSizes of(double honestShare, double errorRate, double failure) {
    CommitteeVote vote = new CommitteeVote(honestShare, errorRate);
    return new CommitteeSizes(
        vote, failure, vote.secondRoundSize(failure), vote.exactSecondRoundSize(failure));
  }

  /** The probability that the majority of {@code members} is wrong, members drawn independently. */
  public double binomialFailure(int members) {
    return vote.majorityWrong(members);
  }

  /**
   * The probability that at least half of a committee drawn without replacement, equal stakes, is
   * dishonest.
   *
   * @param nodes nodes to draw from
   * @param members seats, odd
   */
  public double hypergeometricCapture(int nodes, int members) {
    int dishonest = (int) Math.ceil(nodes * (1 - vote.honestShare()));
    return CommitteeVote.captureProbability(nodes, dishonest, members);
  }
}
