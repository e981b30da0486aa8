package io.verillm.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.game.CommitAndSample;
import io.verillm.incentives.game.CommitteeVote;
import io.verillm.network.committee.CommitteeSizes;
import io.verillm.stats.sequential.AuditPlan;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The protocol's testable properties, by the numbers of the notes on VeriLLM (arXiv 2509.24257).
 * Their values were computed independently from the published formulas.
 *
 * <ul>
 *   <li>13 to 16, trees: {@code core.tree}. 17, roots of different parties: {@code
 *       FlowBTest.flow_honestJob_isAcceptedAndPaid}, whose members all have other roots.
 *   <li>18, 19, 20 (indices), 23, 24, 26, 31: here. 20 (the closed set): {@code
 *       FlowBTest.rows_afterAnotherCommitment_areOthers}.
 *   <li>21, messages out of phase or place: {@code FlowBTest.message_*}, {@code
 *       HostileMessagesTest}.
 *   <li>22 to 31, committees and payoffs: {@code incentives.game.GameTest}.
 *   <li>33, 34, honest and deviating provers: {@code SegmentParallelReplayTest}, {@code
 *       BisectionTest} and the testkit's {@code DeviatingProverTest}.
 *   <li>35: {@code FlowBTest.vote_ofALazyMemberWithMadeUpRows_isNotCountedAndNotPaid} and {@code
 *       reveal_copiedFromTheProver_isRefusedAndProven}. A lazy member is not slashed, because a
 *       captured committee could say so of an honest one; it is never paid.
 *   <li>36, one dispute: {@code FlowBTest.flow_capturedFirstCommittee_*} and {@code
 *       flow_dishonestDisputer_losesBond}. 37, prefill and decode: {@code re-execution}.
 * </ul>
 */
class ProtocolPropertiesTest {
  @DisplayName("18: samples for a missed share and probability, and the published bound above it")
  @ParameterizedTest
  @CsvSource({
    "0.05, 0.01, 93, 90",
    "0.01, 1e-6, 1382, 1375",
    "0.1, 0.05, 30, 29",
    "0.5, 0.01, 10, 7"
  })
  void samples_matchTheNotes(double share, double miss, long published, long exact) {
    assertThat((long) Math.ceil(Math.log(1 / miss) / share)).isEqualTo(published);
    assertThat(AuditPlan.zeroTolerance(share, 1 - miss)).isEqualTo(exact);
    assertThat(new CommitAndSample(share, (int) exact).detection())
        .isGreaterThanOrEqualTo(1 - miss);
    assertThat(new CommitAndSample(share, (int) exact - 1).detection()).isLessThan(1 - miss);
  }

  @DisplayName("19: detection without replacement")
  @ParameterizedTest
  @CsvSource({"128, 13, 8, 0.586287", "1000, 10, 100, 0.653072", "6, 1, 2, 0.333333", "9, 1, 9, 1"})
  void detection_withoutReplacement_matchesTheNotes(int all, int bad, int opened, double expected) {
    ChallengePlan plan = new ChallengePlan(opened, Integer.MAX_VALUE);
    assertThat(1 - plan.missInLastLayer(bad, all, 1)).isCloseTo(expected, within(1e-6));
  }

  @DisplayName("20: indices are distinct, in range, reproducible, and follow from the seed")
  @Test
  void indices_ofManySeeds_areDistinctAndInRange() {
    TraceLayout layout =
        TraceLayout.of(TraceProfile.standard(DType.F32), new ModelDimensions(3, 8, 4, 4, 100, 64));
    ChallengePlan plan = new ChallengePlan(5, 2);
    HashSet<SortedMap<Integer, List<Integer>>> seen = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Digest32 seed = Digest32.sha256(new byte[] {(byte) i});
      SortedMap<Integer, List<Integer>> rows = plan.draw(seed, layout, 40);
      assertThat(plan.draw(seed, layout, 40)).isEqualTo(rows);
      assertThat(rows).hasSize(5);
      assertThat(rows.firstKey()).isNotNegative();
      assertThat(rows.lastKey()).isLessThan(40);
      rows.values()
          .forEach(
              indices -> {
                assertThat(indices).doesNotHaveDuplicates().isNotEmpty();
                assertThat(indices).allMatch(row -> row >= 0 && row < layout.rows().size());
              });
      seen.add(rows);
    }
    assertThat(seen).hasSizeGreaterThan(190);
  }

  @DisplayName("23: a second committee by lemma E.2, and the exact one beside it")
  @Test
  void secondCommittee_ofTheNotes() {
    CommitteeSizes sizes = CommitteeSizes.of(0.8, 0.01, 1e-6);
    assertThat(sizes.binomialFailure(83)).isCloseTo(1.79e-9, within(5e-12));
    assertThat(sizes.binomialFailure(55)).isLessThan(1e-6);
    assertThat(sizes.binomialFailure(53)).isGreaterThan(1e-6);
  }

  @DisplayName("24 and 26: majorities, and committees that are corrupt as a whole")
  @Test
  void majorities_ofTheNotes() {
    CommitteeVote vote = new CommitteeVote(0.6, 0);
    double[] expected = {0.6, 0.648, 0.68256, 0.710208};
    for (int i = 0; i < expected.length; i++) {
      assertThat(vote.majorityCorrect(2 * i + 1)).isCloseTo(expected[i], within(1e-9));
    }
    assertThat(CommitteeVote.allCorrupt(0.2, 5)).isCloseTo(3.2e-4, within(1e-12));
    assertThat(CommitteeVote.allCorrupt(0.5, 10)).isCloseTo(9.765625e-4, within(1e-12));
  }

  @DisplayName("31: being lazy stops paying exactly where the cost is q (S + w)")
  @Test
  void laziness_atTheThreshold_changesSign() {
    CommitAndSample sampled = new CommitAndSample(0.1, 5);
    double edge = sampled.detection() * (20 + 1);
    assertThat(sampled.honestBeatsLazy(edge - 1e-9, 20, 1).holds()).isTrue();
    assertThat(sampled.honestBeatsLazy(edge + 1e-9, 20, 1).holds()).isFalse();
  }
}
