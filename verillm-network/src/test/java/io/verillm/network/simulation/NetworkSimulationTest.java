package io.verillm.network.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.incentives.money.Micros;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NetworkSimulationTest {
  /** One node of every kind but the coalition. */
  private static List<NodeKind> everyKind() {
    return Stream.of(NodeKind.values())
        .filter(kind -> kind != NodeKind.HONEST && kind != NodeKind.COLLUDING)
        .toList();
  }

  private static NetworkReport run(
      int workers, int jobs, long seed, List<NodeKind> attackers, double clientChecks) {
    return NetworkSimulation.run(
        new SimulationSettings(workers, jobs, seed, attackers, 3, 5, clientChecks, true),
        new MadeUpComputation(),
        done -> {});
  }

  private static NetworkReport.KindReport of(NetworkReport report, NodeKind kind) {
    return report.kinds().stream().filter(one -> one.kind() == kind).findFirst().orElseThrow();
  }

  @Test
  void run_onlyHonestNodes_acceptsEverythingAndSpeaksAgainstNobody() {
    NetworkReport report = run(12, 30, 1, List.of(), 0.5);
    assertThat(report.accepted()).isEqualTo(30);
    assertThat(report.faults()).isZero();
    assertThat(of(report, NodeKind.HONEST).timesFlagged()).isZero();
    assertThat(of(report, NodeKind.HONEST).stakeLost()).isEqualTo(Micros.ZERO);
    assertThat(report.honestSlashed()).isZero();
    assertThat(report.epochs()).isPositive();
    assertThat(report.reexecutions()).isZero();
    assertThat(report.conserved()).isTrue();
  }

  @Test
  void run_everyKind_isCaughtAsItsDeviationCanBe() {
    NetworkReport report = run(22, 260, 7, everyKind(), 0.25);
    assertThat(report.provenFalse()).isZero();
    assertThat(report.goodRejected()).isZero();
    assertThat(report.conserved()).isTrue();
    for (NodeKind kind : everyKind()) {
      assertThat(of(report, kind).flagged()).as(kind.label()).isEqualTo(1);
    }
    assertThat(of(report, NodeKind.EQUIVOCATING).provenBy()).isEqualTo("EQUIVOCATION");
    assertThat(of(report, NodeKind.EQUIVOCATING).untilProven()).isEqualTo(1);
    assertThat(of(report, NodeKind.COPIER).provenBy()).isEqualTo("REVEAL_DIFFERS");
    assertThat(of(report, NodeKind.HONEST).proven()).isZero();
    assertThat(report.honestSlashed()).isZero();
    for (NodeKind kind : List.of(NodeKind.EQUIVOCATING, NodeKind.COPIER)) {
      assertThat(of(report, kind).lostToProofs()).as(kind.label()).isEqualTo(World.STAKE);
    }
    // What is never accepted is never paid; a self-dealer loses the fees that it pays others.
    for (NodeKind kind :
        List.of(NodeKind.SMALLER_MODEL, NodeKind.NOISY_CLASS, NodeKind.SELF_DEALING)) {
      assertThat(of(report, kind).gained().value())
          .as(kind.label())
          .isLessThan(of(report, NodeKind.HONEST).gained().value());
    }
  }

  @Test
  void run_withholdingOnUnluckyDraws_costsMoreThanItBrings() {
    NetworkReport report = run(12, 60, 5, List.of(NodeKind.WITHHOLDING), 0.25);
    NetworkReport.KindReport withholding = of(report, NodeKind.WITHHOLDING);
    assertThat(withholding.silences()).isGreaterThan(1).isEqualTo(report.silent());

    assertThat(withholding.lostToSilence()).isEqualTo(World.STAKE);
    assertThat(withholding.stakeLost()).isEqualTo(World.STAKE);
    assertThat(withholding.net())
        .isEqualTo(withholding.gained().minus(World.STAKE))
        .isLessThan(Micros.ZERO)
        .isLessThan(of(report, NodeKind.HONEST).net());
    assertThat(report.provenFalse()).isZero();
    assertThat(report.honestSlashed()).isZero();
    assertThat(report.conserved()).isTrue();
  }

  @Test
  void run_deviatingRows_costStakeOnlyAfterAFreshReexecution() {
    NetworkReport report = run(12, 120, 2, List.of(NodeKind.SMALLER_MODEL), 1);
    NetworkReport.KindReport deviating = of(report, NodeKind.SMALLER_MODEL);
    assertThat(report.reexecutions()).isPositive();
    // Four receipts at the cap are needed, and log10 of 10^4 over 6 is the least that goes.
    assertThat(deviating.lostToEvidence()).isGreaterThanOrEqualTo(Micros.of(66_666_600));
    assertThat(deviating.lostToProofs()).isEqualTo(Micros.ZERO);
    assertThat(deviating.lostToSilence()).isEqualTo(Micros.ZERO);
    assertThat(report.honestSlashed()).isZero();
  }

  @Test
  void terms_silence_costsWhatItsAnswerWouldHaveCost() {
    assertThat(EvidenceAccount.terms().silence().fee(World.STAKE)).isEqualTo(World.STAKE);
  }

  @Test
  void run_equalSettings_giveEqualReports() {
    assertThat(run(20, 25, 3, everyKind(), 0.25)).isEqualTo(run(20, 25, 3, everyKind(), 0.25));
  }

  @Test
  void run_coalitionBelowAndAboveTheThreshold_isHeldOrNot() {
    NetworkReport below = run(40, 120, 5, Collections.nCopies(6, NodeKind.COLLUDING), 0.25);
    NetworkReport above = run(40, 120, 5, Collections.nCopies(28, NodeKind.COLLUDING), 0.25);
    int badBelow = of(below, NodeKind.COLLUDING).nodes();
    assertThat(below.provenFalse()).isZero();
    assertThat(above.provenFalse()).isZero();
    // With 15 % of the seats a coalition rarely holds two of three; with 70 % nearly always.
    assertThat(badBelow).isEqualTo(6);
    assertThat(below.badAccepted()).isLessThan(6);
    assertThat(below.goodRejected()).isLessThan(6);
    assertThat(above.badAccepted()).isGreaterThan(30);
    assertThat(above.goodRejected()).isGreaterThan(12);
    assertThat(above.conserved()).isTrue();
  }

  @Test
  void settings_impossibleNetworks_areRefused() {
    assertThatThrownBy(() -> new SimulationSettings(8, 1, 1, List.of(), 3, 5, 0, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9");
    List<NodeKind> honest = new ArrayList<>(List.of(NodeKind.HONEST));
    assertThatThrownBy(() -> new SimulationSettings(9, 1, 1, honest, 3, 5, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SimulationSettings(9, 0, 1, List.of(), 3, 5, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SimulationSettings(9, 1, 1, List.of(), 3, 5, Double.NaN, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Tag("long")
  void run_tenThousandJobs_provesNothingAgainstAnHonestNode() {
    NetworkReport report = run(30, 10_000, 11, everyKind(), 0.25);
    System.out.println(report);
    assertThat(report.jobs()).isEqualTo(10_000);
    assertThat(report.provenFalse()).isZero();
    assertThat(report.goodRejected()).isZero();
    assertThat(report.honestSlashed()).isZero();
    assertThat(report.conserved()).isTrue();
    for (NodeKind kind :
        List.of(
            NodeKind.HONEST,
            NodeKind.QUANTISED,
            NodeKind.SMALLER_MODEL,
            NodeKind.SKIPPED_LAYER,
            NodeKind.CHEAP_DECODE)) {
      assertThat(of(report, NodeKind.WITHHOLDING).net())
          .as(kind.label())
          .isLessThan(of(report, kind).net());
    }
  }
}
