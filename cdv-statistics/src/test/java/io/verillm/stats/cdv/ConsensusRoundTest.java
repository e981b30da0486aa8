package io.verillm.stats.cdv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.stats.cdv.WeightedVote.Decision;
import io.verillm.stats.sequential.EvidenceLevel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsensusRoundTest {
  private static final Map<String, Long> STAKE = Map.of("a", 34L, "b", 33L, "c", 33L);

  private static EpochReport report(double distance, boolean selected, double e) {
    double logE = Math.log(e);
    return new EpochReport(
        3,
        Reference.TRUSTED_LOCAL,
        1,
        true,
        Recomputation.of("s", Map.of("n", new double[] {1}), 5),
        List.of(new NodeReport("n", distance, true, logE, EvidenceLevel.ofLogE(logE), selected)));
  }

  private static ConsensusRound.Outcome close(Map<String, EpochReport> reports) {
    ConsensusRound round = new ConsensusRound(3, STAKE);
    reports.forEach(round::submit);
    return round.close();
  }

  @Test
  void close_majorityAndTwoThirds_decideAsStated() {
    EpochReport strong = report(2, true, 1e6);
    EpochReport weak = report(2, true, 200);
    EpochReport quiet = report(2, false, 200);
    assertThat(close(Map.of("a", strong, "b", strong, "c", quiet)).decisions())
        .containsEntry("n", Decision.ELIGIBLE_FOR_SLASHING);
    assertThat(close(Map.of("b", strong, "c", strong, "a", quiet)).decisions())
        .containsEntry("n", Decision.DEMOTE); // 66 of 100
    assertThat(close(Map.of("a", weak, "b", weak, "c", weak)).decisions())
        .containsEntry("n", Decision.DEMOTE); // all, but the evidence is not substantial
    assertThat(close(Map.of("a", strong)).decisions()).containsEntry("n", Decision.KEEP);
    assertThat(close(Map.of()).decisions()).isEmpty();
  }

  @Test
  void submit_twoReports_loseTheVote() {
    ConsensusRound round = new ConsensusRound(3, STAKE);
    EpochReport strong = report(2, true, 1e6);
    round.submit("a", strong);
    round.submit("a", strong); // the same again is harmless
    round.submit("b", strong);
    assertThat(round.close().decisions()).containsEntry("n", Decision.ELIGIBLE_FOR_SLASHING);
    round.submit("b", report(2, false, 1e6));
    assertThat(round.close().equivocators()).containsExactly("b");
    assertThat(round.close().decisions()).containsEntry("n", Decision.KEEP);
  }

  @Test
  void close_sameDataOtherDistance_namesBoth() {
    EpochReport honest = report(2, false, 1);
    assertThat(close(Map.of("a", honest, "b", report(2.5, true, 1), "c", honest)).contradicting())
        .containsExactly("a", "b", "c");
    assertThat(close(Map.of("a", honest, "c", report(2, true, 1))).contradicting())
        .isEmpty(); // evidence has a past that one epoch does not determine
  }

  @Test
  void submit_strangerOrOtherEpoch_isRefused() {
    ConsensusRound round = new ConsensusRound(4, STAKE);
    assertThatThrownBy(() -> round.submit("a", report(2, true, 1))).hasMessageContaining("epoch 3");
    ConsensusRound third = new ConsensusRound(3, STAKE);
    assertThatThrownBy(() -> third.submit("x", report(2, true, 1)))
        .hasMessageContaining("no stake");
  }
}
