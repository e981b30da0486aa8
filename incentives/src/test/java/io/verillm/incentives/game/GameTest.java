package io.verillm.incentives.game;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Vectors computed independently from the formulas of the notes; checks E7, E8 and properties 22 to
 * 31.
 */
class GameTest {
  private static final VerifierScoring SCORING = new VerifierScoring(.05, .01, .1);

  @Test
  void verifierScoring_referenceRates_matchVectors() {
    assertThat(SCORING.bothAccept()).isCloseTo(.9311, within(1e-9));
    assertThat(SCORING.bothReject()).isCloseTo(.0491, within(1e-9));
    assertThat(SCORING.acceptReject()).isCloseTo(.0099, within(1e-9));
    VerifierScoring.Interval range = SCORING.bothRejectRange(1, 0);
    assertThat(range.low()).isCloseTo(2.238289206, within(1e-6));
    assertThat(range.high()).isCloseTo(83.949494949, within(1e-6));
    assertThat(SCORING.bothRejectAgainstRubberStamping(1, 0)).isCloseTo(3.439918534, within(1e-6));
    assertThat(new VerifierScoring(.01, .01, .1).bothRejectRange(1, 0).low())
        .isCloseTo(11.101010101, within(1e-6));
    assertThat(new VerifierScoring(.2, .05, .1).bothRejectRange(1, 0).low())
        .isCloseTo(.808219178, within(1e-6));
  }

  @Test
  void verifierScoring_naiveMajority_violatesTheAlwaysAcceptLine() {
    VerifierScoring.Payoffs naive = new VerifierScoring.Payoffs(1, 1, 0);
    assertThat(SCORING.marginOverAlwaysAccept(naive)).isCloseTo(.0392 - .1, within(1e-9));
    assertThat(SCORING.conditions(naive, 0).get(0).holds()).isFalse();
    assertThat(SCORING.conditions(naive, 0).get(1).holds()).isTrue();
    assertThat(SCORING.budget(naive)).isCloseTo(.9802, within(1e-9));
  }

  @Test
  void verifierScoring_justInsideAndOutsideTheRange_flipsTheCondition() {
    double low = SCORING.bothRejectRange(1, 0).low();
    double high = SCORING.bothRejectRange(1, 0).high();
    assertThat(holds(low + 1e-6, 0)).isTrue();
    assertThat(holds(low - 1e-6, 0)).isFalse();
    assertThat(holds(high - 1e-6, 1)).isTrue();
    assertThat(holds(high + 1e-6, 1)).isFalse();
    double focal = SCORING.bothRejectAgainstRubberStamping(1, 0);
    assertThat(holds(focal + 1e-6, 2)).isTrue();
    assertThat(holds(focal - 1e-6, 2)).isFalse();
  }

  private static boolean holds(double bothReject, int condition) {
    return SCORING
        .conditions(new VerifierScoring.Payoffs(1, bothReject, 0), 0)
        .get(condition)
        .holds();
  }

  @Test
  void commitAndSample_costAtTheThreshold_flips() {
    CommitAndSample check = new CommitAndSample(.1, 8);
    double q = 1 - Math.pow(.9, 8);
    assertThat(check.detection()).isCloseTo(q, within(1e-12));
    assertThat(check.honestBeatsLazy(q * 12 - 1e-9, 10, 2).holds()).isTrue();
    assertThat(check.honestBeatsLazy(q * 12 + 1e-9, 10, 2).holds()).isFalse();
    assertThat(new CommitAndSample(1, 3).detection()).isEqualTo(1);
    assertThat(new CommitAndSample(1, 0).honestBeatsLazy(0, 10, 2).holds()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0, .5", ".01, .510152", ".05, .554017", ".1, .617284", ".25, .888889"})
  void requiredHonestShare_lemmaE1_matchesVectors(double mu, double share) {
    assertThat(CommitteeVote.requiredHonestShare(mu)).isCloseTo(share, within(1e-6));
  }

  @Test
  void requiredHonestShare_tooMuchNoise_isOutOfReach() {
    assertThat(CommitteeVote.requiredHonestShare(.292894)).isGreaterThan(1);
    assertThat(CommitteeVote.requiredHonestShare(.292893)).isLessThan(1);
    assertThat(new CommitteeVote(1, .3).firstRound().holds()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    ".8, .01, 1e-6, 81.0161, 83, 1.79e-9",
    ".6666666666666666, 0, .01, 82.8931, 83, 8.56e-4",
    ".9, .019, 1e-3, 23.5579, 25, 1.02e-6"
  })
  void secondRound_lemmaE2_matchesVectors(
      double r, double mu, double xi, double bound, int size, double exact) {
    CommitteeVote vote = new CommitteeVote(r, mu);
    assertThat(vote.secondRoundBound(xi)).isCloseTo(bound, within(1e-4));
    assertThat(vote.secondRoundSize(xi)).hasValue(size);
    assertThat(vote.majorityWrong(size)).isCloseTo(exact, within(exact * .005));
  }

  @Test
  void exactSecondRoundSize_firstCase_isSmallerThanTheBound() {
    CommitteeVote vote = new CommitteeVote(.8, .01);
    assertThat(vote.exactSecondRoundSize(1e-6)).hasValue(55);
    assertThat(vote.majorityWrong(55)).isLessThanOrEqualTo(1e-6);
    assertThat(vote.majorityWrong(53)).isGreaterThan(1e-6);
    assertThat(new CommitteeVote(.5, 0).secondRoundSize(.01)).isEqualTo(OptionalInt.empty());
    assertThat(new CommitteeVote(.5, 0).exactSecondRoundSize(.01)).isEqualTo(OptionalInt.empty());
  }

  @Test
  void majorityCorrect_sixtyPercent_matchesVectorsAndGrows() {
    CommitteeVote vote = new CommitteeVote(.6, 0);
    assertThat(vote.majorityCorrect(1)).isCloseTo(.6, within(1e-9));
    assertThat(vote.majorityCorrect(3)).isCloseTo(.648, within(1e-9));
    assertThat(vote.majorityCorrect(5)).isCloseTo(.68256, within(1e-9));
    assertThat(vote.majorityCorrect(7)).isCloseTo(.710208, within(1e-9));
    CommitteeVote minority = new CommitteeVote(.4, 0);
    for (int m = 3; m <= 41; m += 2) {
      assertThat(vote.majorityCorrect(m)).isGreaterThan(vote.majorityCorrect(m - 2));
      assertThat(minority.majorityCorrect(m)).isLessThan(minority.majorityCorrect(m - 2));
    }
  }

  @Test
  void allCorrupt_and_capture_matchVectors() {
    assertThat(CommitteeVote.allCorrupt(.2, 5)).isCloseTo(3.2e-4, within(1e-15));
    assertThat(CommitteeVote.allCorrupt(.5, 10)).isCloseTo(9.765625e-4, within(1e-15));
    assertThat(CommitteeVote.captureProbability(3, .2)).isCloseTo(.104, within(1e-9));
    assertThat(CommitteeVote.captureProbability(5, .2)).isCloseTo(.05792, within(1e-9));
    assertThat(CommitteeVote.captureProbability(7, .2)).isCloseTo(.033344, within(1e-9));
    assertThat(CommitteeVote.captureProbability(7, .33)).isCloseTo(.16821, within(5e-6));
    assertThat(CommitteeVote.captureProbability(15, .33)).isCloseTo(.083719, within(5e-7));
    assertThat(CommitteeVote.captureProbability(31, .33)).isCloseTo(.024567, within(5e-7));
    assertThat(CommitteeVote.captureProbability(100, 20, 5)).isCloseTo(.053203, within(5e-7));
    assertThat(CommitteeVote.captureProbability(1000, 200, 7)).isCloseTo(.032827, within(5e-7));
    assertThatThrownBy(() -> CommitteeVote.captureProbability(4, .2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CommitteeVote.captureProbability(10, 11, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void disputeGame_publishedPayoffs_matchVectors() {
    DisputeGame game = DisputeGame.published();
    assertThat(game.threshold()).isEqualTo(.5);
    assertThat(game.bond()).isEqualTo(8);
    assertThat(game.valueOfDispute(.9)).isCloseTo(4.4, within(1e-9));
    assertThat(game.valueOfDispute(.1)).isCloseTo(-8.4, within(1e-9));
    assertThat(game.valueOfDispute(.99)).isCloseTo(5.84, within(1e-9));
    assertThat(game.valueOfDispute(.01)).isCloseTo(-9.84, within(1e-9));
    assertThat(game.valueOfDispute(.5)).isEqualTo(-2);
    assertThat(game.worthDisputing(.5).holds()).isFalse();
    assertThat(game.worthDisputing(.5 + 1e-9).holds()).isTrue();
    assertThat(game.deterredSaving(.5, .5, .01)).isCloseTo(8 * .5 - 16 * .01 * .5, within(1e-9));
    assertThatThrownBy(() -> new DisputeGame(6, 10, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.2, 20, 0, .0471698113",
    "1, 1.2, 20, .1, .0524109015",
    "1, 1.2, 20, .3, .0673854447",
    "1, 10, 100, .1, .0101010101",
    ".1, .12, 10, .2, .0123517787"
  })
  void spotCheck_leastAuditRate_matchesVectors(
      double c, double r, double s, double share, double p) {
    SpotCheck check = new SpotCheck(c, r, s, share);
    assertThat(check.leastAuditRate()).isCloseTo(p, within(1e-10));
    assertThat(check.honest(check.leastAuditRate() + 1e-9).holds()).isTrue();
    assertThat(check.honest(check.leastAuditRate() - 1e-9).holds()).isFalse();
  }

  @Test
  void spotCheck_moreCollusion_asksForMoreAudits() {
    double before = 0;
    for (int r = 0; r < 10; r++) {
      double rate = new SpotCheck(1, 1.2, 20, r / 10.0).leastAuditRate();
      assertThat(rate).isGreaterThan(before);
      before = rate;
    }
    assertThatThrownBy(() -> new SpotCheck(1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SpotCheck(1, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    ".95, .001, 1.2, 20, .8, .0397638030, 1",
    ".774, .05, 1.2, 20, .8, .0521213385, .3773584906",
    // .5 / (.94 * 6.2), recomputed: the notes print .0857927448, two digits transposed
    ".95, .01, 1.2, 5, .5, .0857927248, 1"
  })
  void noisyAudit_rates_matchVectors(
      double d, double f, double r, double s, double c, double least, double most) {
    NoisyAudit audit = new NoisyAudit(d, f, r, s, c);
    assertThat(audit.leastAuditRate()).isCloseTo(least, within(1e-10));
    assertThat(audit.mostAuditRate()).isCloseTo(most, within(1e-10));
    assertThat(audit.feasibility()).allMatch(Condition::holds);
    double p = audit.leastAuditRate();
    assertThat(audit.honestUtility(p + 1e-6)).isGreaterThan(audit.cheatingUtility(p + 1e-6, 1));
    assertThat(audit.honestUtility(p - 1e-6)).isLessThan(audit.cheatingUtility(p - 1e-6, 1));
    assertThat(audit.honestUtility(p - 1e-6)).isLessThan(audit.cheatingUtility(p - 1e-6, .05));
  }

  @Test
  void noisyAudit_infeasible_saysWhich() {
    NoisyAudit useless = new NoisyAudit(.05, .05, 1.2, 20, .8);
    assertThat(useless.leastAuditRate()).isInfinite();
    assertThat(useless.feasibility().get(0).holds()).isFalse();
    NoisyAudit noisy = new NoisyAudit(.4, .3, 1.2, 20, .8);
    assertThat(noisy.leastAuditRate()).isGreaterThan(noisy.mostAuditRate());
    assertThat(noisy.feasibility().get(1).holds()).isFalse();
    NoisyAudit unpaid = new NoisyAudit(.9, 0, 1, 20, 2);
    assertThat(unpaid.feasibility().get(1).holds()).isFalse();
    assertThat(unpaid.mostAuditRate()).isNegative();
  }

  @Test
  void noisyAudit_morePower_asksForFewerAudits() {
    double before = Double.POSITIVE_INFINITY;
    for (double d = .1; d < 1; d += .1) {
      double rate = new NoisyAudit(d, .01, 1.2, 20, .8).leastAuditRate();
      assertThat(rate).isLessThan(before);
      before = rate;
    }
  }

  @ParameterizedTest
  @CsvSource({"11.2, 1, 1, .0893", "11.2, .5, .95, .0470", "3.2, 1, 1, .3125"})
  void decoys_leastRate_matchesVectors(double loss, double cost, double power, double rate) {
    double least = Decoys.leastRate(cost, loss, power);
    assertThat(least).isCloseTo(rate, within(5e-5));
    assertThat(new Decoys(least + 1e-9, power).verifyingPays(cost, loss).holds()).isTrue();
    assertThat(new Decoys(least - 1e-9, power).verifyingPays(cost, loss).holds()).isFalse();
  }

  @Test
  void reputation_publishedRule_matchesVectors() {
    MultiplicativeReputation rule = MultiplicativeReputation.published();
    double reputation = 1;
    for (boolean error : new boolean[] {false, false, false, true, false}) {
      reputation = rule.after(reputation, error);
    }
    assertThat(reputation).isCloseTo(.832483208, within(1e-9));
    assertThat(rule.breakEvenErrorRate()).isCloseTo(.04269, within(5e-6));
    assertThat(rule.successesPerError()).isCloseTo(22.4, within(.05));
  }

  @Test
  void arguments_notANumberOrOutOfRange_areRefused() {
    assertThatThrownBy(() -> new NoisyAudit(Double.NaN, 0, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CommitteeVote(1.1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new VerifierScoring(.1, .1, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CommitteeVote(.8, 0).secondRoundBound(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Decoys.leastRate(1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MultiplicativeReputation(1, 1.01))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
