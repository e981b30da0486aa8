package io.verillm.stats.cdv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.Moments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Checks B3, B4, B5, B8, B9 and the simulations of F.B. */
class CdvVectorsTest {
  @Test
  void selectiveVerification_publishedProbabilities_match() { // check B3
    assertThat(SelectiveVerification.missProbability(16, 1, 4)).isCloseTo(.75, within(1e-12));
    assertThat(SelectiveVerification.missProbability(16, 4, 4)).isCloseTo(.27198, within(5e-6));
    assertThat(SelectiveVerification.missProbability(16, 4, 4)) // C(12,4)/C(16,4)
        .isCloseTo(495.0 / 1820, within(1e-12));
    assertThat(SelectiveVerification.missProbability(80, 1, 8)).isCloseTo(.9, within(1e-12));
    assertThat(SelectiveVerification.missProbability(8, 8, 1)).isZero();
    assertThat(SelectiveVerification.cumulativeDetection(16, 1, 4, 10))
        .isCloseTo(1 - Math.pow(.75, 10), within(1e-12));
    assertThat(SelectiveVerification.cumulativeDetection(8, 8, 8, 0)).isZero();
    double[][] binomial = {
      {3, .2, .104},
      {5, .2, .05792},
      {7, .2, .033344},
      {7, .33, .16821},
      {15, .33, .083719},
      {31, .33, .024567}
    };
    for (double[] row : binomial) {
      assertThat(SelectiveVerification.captureBinomial((int) row[0], row[1]))
          .isCloseTo(row[2], within(printed(row[2])));
    }
    assertThat(SelectiveVerification.captureHypergeometric(100, 20, 5))
        .isCloseTo(.053203, within(5e-7));
    assertThat(SelectiveVerification.captureHypergeometric(1000, 200, 7))
        .isCloseTo(.032827, within(5e-7));
    assertThat(SelectiveVerification.widened(4, 16)).isEqualTo(8);
    assertThat(SelectiveVerification.widened(10, 16)).isEqualTo(16);
    assertThatThrownBy(() -> SelectiveVerification.missProbability(4, 5, 1))
        .hasMessageContaining("bad");
  }

  /** Half a unit of the last printed digit. */
  private static double printed(double value) {
    return 0.5 * java.math.BigDecimal.valueOf(value).ulp().doubleValue() * (1 + 1e-9);
  }

  @Test
  void reputation_publishedSequence_match() { // check B8
    double r = 1;
    for (boolean error : new boolean[] {false, false, false, true, false}) {
      r = PublishedReputation.next(r, error);
    }
    assertThat(r).isCloseTo(.832483208, within(1e-9));
    assertThat(PublishedReputation.breakEvenErrorRate()).isCloseTo(.04269, within(5e-6));
    assertThat(PublishedReputation.correctAnswersPerError()).isCloseTo(22.4, within(.05));
    double four = .04 * Math.log(.8) + .96 * Math.log(1.01);
    assertThat(four).isPositive(); // wrong on 4 % of tasks, and still rising
  }

  private static List<Integer> draw(int seed, String task, int root) {
    byte[] vrf = new byte[64];
    vrf[0] = (byte) seed;
    vrf[1] = (byte) (seed >>> 8);
    return SubsetDraw.draw(vrf, 7, task, List.of(new byte[] {(byte) root}), 16, 4);
  }

  @Test
  void subsetDraw_inputs_areBoundAndReplayable() { // check B4
    assertThat(draw(1, "t", 0)).isEqualTo(draw(1, "t", 0)).hasSize(4).doesNotHaveDuplicates();
    HashSet<List<Integer>> seen = new HashSet<>();
    for (int root = 0; root < 20; root++) { // another commitment, another subset
      seen.add(draw(1, "t", root));
    }
    assertThat(seen).hasSizeGreaterThan(18);
    assertThat(draw(1, "t", 0)).isNotEqualTo(draw(1, "u", 0));
    byte[] vrf = new byte[32];
    assertThat(SubsetDraw.draw(vrf, 1, "a", List.of(new byte[] {1, 2}), 1000, 5))
        .isNotEqualTo(
            SubsetDraw.draw(vrf, 1, "a", List.of(new byte[] {1}, new byte[] {2}), 1000, 5));
    assertThatThrownBy(() -> SubsetDraw.draw(vrf, 1, "a", List.of(), 10, 2))
        .hasMessageContaining("committedRoots");
    assertThatThrownBy(() -> SubsetDraw.draw(new byte[31], 1, "a", List.of(new byte[1]), 10, 2))
        .hasMessageContaining("vrfOutput");
  }

  @Test
  void subsetDraw_manyOutputs_everyIndexEquallyOften() {
    int[] counts = new int[16];
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      draw(i, "t", 3).forEach(index -> counts[index]++);
    }
    double chi = 0;
    for (int c : counts) {
      chi += (c - draws / 4.0) * (c - draws / 4.0) / (draws / 4.0) * 16 / 12;
    }
    assertThat(chi).isLessThan(37.7); // chi-square, 15 degrees of freedom, p = .001
  }

  /** Check B5: sign flips keep every moment of a centred tensor. */
  @Test
  void signFlips_keepMoments_butNotThePairedDistance() {
    int alarms = 0;
    int paired = 0;
    for (int r = 0; r < 400; r++) {
      SplitMix64 random = SplitMix64.stream(61, r);
      double[] honest = Samples.gaussian(random, 512);
      double[] flipped = honest.clone();
      for (int i = 0; i < 512; i++) {
        flipped[i] *= random.nextInt(2) == 0 ? 1 : -1;
      }
      Moments m = Moments.of(flipped);
      double z = m.mean() / (m.standardDeviation() / Math.sqrt(512));
      alarms += Math.abs(z) > 1.959964 ? 1 : 0;
      paired += RelativeDistance.of(flipped, honest) > .05 ? 1 : 0;
    }
    assertThat(alarms / 400.0).isCloseTo(.05, within(.044)); // power = size, four SE
    assertThat(paired).isEqualTo(400);
    SplitMix64 random = new SplitMix64(1);
    assertThat(RelativeDistance.of(Samples.gaussian(random, 1024), Samples.gaussian(random, 1024)))
        .isCloseTo(Math.sqrt(2), within(.1));
    assertThat(RelativeDistance.of(new double[2], new double[2])).isZero();
    assertThat(RelativeDistance.of(new double[] {1, 0}, new double[2])).isInfinite();
    assertThatThrownBy(() -> RelativeDistance.of(new double[] {Double.NaN}, new double[1]))
        .hasMessageContaining("claimed[0]");
  }

  @Test
  void commitReveal_everyMisstep_isNotPaid() { // check B9
    byte[] nonce = new byte[32];
    byte[] message = "tensor".getBytes(StandardCharsets.UTF_8);
    CommitReveal round = new CommitReveal(10, 20);
    byte[] good = CommitReveal.commitment("a", message, nonce);
    round.commit("a", good, 5);
    round.commit("copier", good, 6);
    round.commit("late", CommitReveal.commitment("late", message, nonce), 11);
    round.commit("changed", CommitReveal.commitment("changed", message, nonce), 3);
    round.commit("silent", CommitReveal.commitment("silent", message, nonce), 3);
    round.commit("slow", CommitReveal.commitment("slow", message, nonce), 3);
    round.commit("two", CommitReveal.commitment("two", message, nonce), 3);
    round.commit("two", CommitReveal.commitment("two", new byte[1], nonce), 4);
    assertThatThrownBy(() -> round.reveal("a", message, nonce, 10))
        .isInstanceOf(IllegalStateException.class);
    for (String node : List.of("a", "copier", "late", "two", "stranger")) {
      round.reveal(node, message, nonce, 15);
    }
    round.reveal("changed", new byte[] {1}, nonce, 15);
    round.reveal("changed", message, nonce, 16); // a second try does not help
    round.reveal("slow", message, nonce, 21);
    Map<String, CommitReveal.Outcome> expected =
        Map.of(
            "a", CommitReveal.Outcome.REVEALED,
            "copier", CommitReveal.Outcome.CHANGED,
            "late", CommitReveal.Outcome.NO_COMMITMENT,
            "changed", CommitReveal.Outcome.CHANGED,
            "silent", CommitReveal.Outcome.NO_REVEAL,
            "slow", CommitReveal.Outcome.NO_REVEAL,
            "two", CommitReveal.Outcome.EQUIVOCATED,
            "stranger", CommitReveal.Outcome.NO_COMMITMENT);
    expected.forEach(
        (node, outcome) -> assertThat(round.outcome(node)).as(node).isEqualTo(outcome));
  }

  @Test
  void weightedVote_shares_decideAtTwoThirdsAndOneHalf() {
    Map<String, Long> stake = Map.of("a", 34L, "b", 33L, "c", 33L);
    assertThat(WeightedVote.decide(stake, Map.of("a", true))).isEqualTo(WeightedVote.Decision.KEEP);
    assertThat(WeightedVote.decide(stake, Map.of("b", true, "c", true)))
        .isEqualTo(WeightedVote.Decision.DEMOTE); // 66 of 100
    assertThat(WeightedVote.decide(stake, Map.of("a", true, "b", true)))
        .isEqualTo(WeightedVote.Decision.ELIGIBLE_FOR_SLASHING); // 67 of 100
    assertThat(WeightedVote.decide(Map.of("a", 1L, "b", 1L), Map.of("a", true)))
        .isEqualTo(WeightedVote.Decision.KEEP); // exactly half
    assertThat(WeightedVote.decide(Map.of("a", 2L, "b", 1L), Map.of("a", true, "b", false)))
        .isEqualTo(WeightedVote.Decision.ELIGIBLE_FOR_SLASHING); // exactly two thirds
    assertThatThrownBy(() -> WeightedVote.decide(stake, Map.of("x", true)))
        .hasMessageContaining("no stake");
    assertThatThrownBy(() -> WeightedVote.decide(Map.of("a", 0L), Map.of()))
        .hasMessageContaining("not positive");
  }

  private static ShardedExecution.Runner<Integer> adding(int value) {
    return (shard, input) -> input + (shard + 1) * value;
  }

  @Test
  void shardedExecution_minority_isOutvotedBeforeTheNextShard() {
    ShardedExecution<Integer> execution = new ShardedExecution<>(Integer::equals);
    var honest = adding(1);
    var bad = adding(5);
    var result =
        execution.run(0, List.of(List.of(honest, bad, honest), List.of(honest, honest, honest)));
    assertThat(result)
        .isEqualTo(new ShardedExecution.Result.Agreed<>(3, List.of(List.of(1), List.of())));
  }

  @Test
  void shardedExecution_noMajority_stopsAtTheShard() {
    ShardedExecution<Integer> execution = new ShardedExecution<>(Integer::equals);
    List<Integer> later = new ArrayList<>();
    ShardedExecution.Runner<Integer> spy =
        (shard, input) -> {
          later.add(shard);
          return input;
        };
    var result =
        execution.run(0, List.of(List.of(adding(1), adding(2), adding(3)), List.of(spy, spy, spy)));
    assertThat(result).isEqualTo(new ShardedExecution.Result.Disagreed<>(0, List.of(1, 2, 3)));
    assertThat(later).isEmpty();
    var even = List.of(adding(1), adding(1), adding(2), adding(2));
    assertThat(execution.run(0, List.of(even)))
        .isInstanceOf(ShardedExecution.Result.Disagreed.class); // a half is no majority
    assertThatThrownBy(() -> execution.run(0, List.of(List.of(adding(1), adding(1)))))
        .hasMessageContaining("runners of shard 0");
  }

  @Test
  void simulation_honestMajority_findsAttackersAndSparesTheRest() {
    var report = new CdvSimulation(1, 100, 10, 12, 2, false).run();
    assertThat(report.power()).isEqualTo(1);
    assertThat(report.falseDiscoveryRate()).isLessThanOrEqualTo(.05);
    assertThat(report.honestFlagRate()).isLessThan(.03);
    assertThat(new CdvSimulation(1, 100, 10, 12, 2, false).run()).isEqualTo(report);
  }

  @Test
  void simulation_onlyHonest_selectsNobody() {
    var report = new CdvSimulation(2, 100, 0, 30, 2, false).run();
    assertThat(report.falseDiscoveryRate()).isZero();
    assertThat(report.power()).isNaN();
  }

  @Test
  void simulation_colludingMajority_accusesTheHonestUnlessATrustedReferenceExists() {
    var peers = new CdvSimulation(3, 100, 55, 12, 3, false).run();
    assertThat(peers.honestSelected()).isGreaterThan(.9);
    // with more colluders they look fine to each other and only the honest are selected
    assertThat(new CdvSimulation(3, 100, 70, 12, 3, false).run().power()).isLessThan(.1);
    var trusted = new CdvSimulation(3, 100, 55, 12, 3, true).run();
    assertThat(trusted.falseDiscoveryRate()).isLessThanOrEqualTo(.05);
    assertThat(trusted.power()).isEqualTo(1);
    assertThat(trusted.epochs().get(11).consensusReliable()).isFalse();
    assertThat(peers.epochs().get(0).reference()).isEqualTo(Reference.PEER_CONSENSUS);
  }

  /**
   * F.B: one faulty driver shifts a fifth of honest nodes alike. Peers cannot tell that from a
   * fifth of colluders; the report must not call it anything else than a difference.
   */
  @Test
  void simulation_correlatedHonestErrors_lookLikeCollusionToPeersAndToATrustedRun() {
    var faulty = new CdvSimulation(5, 100, 20, 12, 2, false).run();
    var trusted = new CdvSimulation(5, 100, 20, 12, 2, true).run();
    assertThat(faulty.power()).isEqualTo(1); // the faulty fifth is selected
    assertThat(faulty.honestSelected()).isLessThanOrEqualTo(.05);
    assertThat(trusted.power()).isEqualTo(1);
    assertThat(trusted.honestSelected()).isZero();
  }

  @Test
  void breakingShare_curve_isTheFirstShareThatSelectsATenth() {
    List<CdvSimulation.BreakingPoint> curve =
        List.of(
            new CdvSimulation.BreakingPoint(.4, .09, 1),
            new CdvSimulation.BreakingPoint(.45, .1, 1),
            new CdvSimulation.BreakingPoint(.5, 1, 1));
    assertThat(CdvSimulation.breakingShare(curve)).isEqualTo(.45);
    assertThat(CdvSimulation.breakingShare(curve.subList(0, 1))).isEqualTo(1);
  }

  @Tag("long")
  @Test
  void simulation_breakingShare_liesNearOneHalf() {
    for (int s = 30; s <= 60; s += 5) {
      var report = new CdvSimulation(4, 100, s, 12, 3, false).run();
      System.out.printf(
          "colluders %d %%: honest flag rate %.3f, honest selected %.3f, power %.3f%n",
          s, report.honestFlagRate(), report.honestSelected(), report.power());
    }
    List<CdvSimulation.BreakingPoint> curve = new ArrayList<>();
    for (int step = 1; step <= CdvSimulation.CURVE_STEPS; step++) {
      curve.add(CdvSimulation.breakingPoint(step, 4, 100, 12, 3));
    }
    double share = CdvSimulation.breakingShare(curve);
    System.out.printf("peer consensus breaks at a share of %.2f%n", share);
    assertThat(share).isBetween(.4, .55);
  }
}
