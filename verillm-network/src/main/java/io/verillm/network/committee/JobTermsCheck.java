package io.verillm.network.committee;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.incentives.game.CommitAndSample;
import io.verillm.incentives.game.CommitteeVote;
import io.verillm.incentives.game.Condition;
import io.verillm.incentives.game.DisputeGame;
import io.verillm.network.message.JobTerms;
import java.util.ArrayList;
import java.util.List;

/**
 * Says whether honest play pays under job terms, and in words where it does not.
 *
 * <p>The conditions suppose rational parties and the population that is stated; they prove nothing
 * about a real one.
 *
 * @param honestShare r, share of honest verifiers
 * @param errorRate mu, probability that an honest verifier errs
 * @param failure xi, failure bound of the second committee
 * @param verifierCost what verifying costs a member, micro-units
 * @param verifierStake what a member loses when it is caught making states up, micro-units
 * @param fakedShare share of positions that a lazy member would not compute
 * @param savedByCheating what a dishonest prover saves on one job, micro-units
 */
public record JobTermsCheck(
    double honestShare,
    double errorRate,
    double failure,
    double verifierCost,
    double verifierStake,
    double fakedShare,
    double savedByCheating) {

  /** All conditions, those that hold and those that do not. */
  @CheckReturnValue
  public List<Condition> conditions(JobTerms terms) {
    CommitteeVote vote = new CommitteeVote(honestShare, errorRate);
    double pay = terms.money().pay().value();
    double fee = terms.money().fee().value();
    double bond = terms.money().bond().value();
    List<Condition> conditions = new ArrayList<>();
    conditions.add(vote.firstRound());
    int second = terms.secondCommittee();
    double wrong = vote.majorityWrong(second);
    conditions.add(
        new Condition(
            "the failure bound exceeds the second committee's exact failure", failure, wrong));
    conditions.add(
        new Condition("the fee of a member exceeds its cost of verifying", fee, verifierCost));
    conditions.add(
        new CommitAndSample(fakedShare, terms.plan().positions())
            .honestBeatsLazy(verifierCost, verifierStake, fee));
    // The bond pays the second committee, so that losing disputes are not at the client's cost.
    conditions.add(
        new Condition(
            "the bond exceeds what the second committee is paid, less one micro-unit",
            bond,
            fee * second - 1));
    DisputeGame game = new DisputeGame(pay, 0, Math.max(bond, 1));
    conditions.add(game.worthDisputing(1 - wrong));
    double givingUp = -game.givenUp();
    conditions.add(
        new Condition(
            "giving up beats disputing for a dishonest prover",
            givingUp,
            game.valueOfDispute(wrong)));
    double passes = vote.majorityCorrect(terms.committee()) * (1 - errorRate);
    conditions.add(
        new Condition(
            "what cheating costs exceeds what it saves",
            game.deterredSaving(passes, vote.majorityCorrect(terms.committee()), wrong),
            savedByCheating));
    return List.copyOf(conditions);
  }

  /**
   * Refuses terms under which honest play does not pay.
   *
   * @throws IllegalArgumentException naming every condition that fails, with both sides
   */
  public void require(JobTerms terms) {
    List<String> failing = new ArrayList<>();
    for (Condition condition : conditions(terms)) {
      if (!condition.holds()) {
        failing.add(condition.toString());
      }
    }
    if (!failing.isEmpty()) {
      throw new IllegalArgumentException(
          "honest play does not pay under these terms: " + String.join("; ", failing));
    }
  }
}
