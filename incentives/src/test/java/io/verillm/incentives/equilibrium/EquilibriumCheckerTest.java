package io.verillm.incentives.equilibrium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.incentives.peerprediction.ClassicalPeerPrediction;
import io.verillm.incentives.peerprediction.CorrelatedAgreement;
import io.verillm.incentives.peerprediction.DasguptaGhosh;
import io.verillm.incentives.peerprediction.DeterminantMutualInformation;
import io.verillm.incentives.peerprediction.JointLaw;
import io.verillm.incentives.peerprediction.Laws;
import io.verillm.incentives.peerprediction.OutputAgreement;
import io.verillm.incentives.peerprediction.PeerTruthSerum;
import io.verillm.incentives.peerprediction.ProperScoringRule;
import io.verillm.incentives.peerprediction.SignMatrix;
import org.junit.jupiter.api.Test;

/** Checks E4 and E10 by enumeration, coalitions of two with a private coin (E.4). */
class EquilibriumCheckerTest {
  private static final EquilibriumChecker CHECKER = EquilibriumChecker.withGrid(10);

  @Test
  void check_outputAgreementRareFraud_hidingFlagsPays() {
    JointLaw law = JointLaw.verificationGame(.01, .95);
    EquilibriumReport report = CHECKER.check(ReportGame.of(new OutputAgreement(2), law, 1, 0));
    assertThat(report.isTruthEquilibrium()).isFalse();
    assertThat(report.bestDeviation().toString()).isEqualTo("[[1.0, 0.0], [1.0, 0.0]]");
    assertThat(report.isTruthFocal()).isFalse();
    assertThat(report.bestUninformedProfileGain()).isCloseTo(2 * .95 * .05, within(1e-9));
  }

  @Test
  void check_lawK_dasguptaGhoshFailsAndCorrelatedAgreementHolds() {
    EquilibriumChecker coarse = EquilibriumChecker.withGrid(4);
    EquilibriumReport dg = coarse.check(ReportGame.of(new DasguptaGhosh(3), Laws.K, 1, 0));
    assertThat(dg.truth()).isCloseTo(.2248, within(1e-12));
    assertThat(dg.truth() + dg.deviationGain()).isCloseTo(.2328, within(1e-12));
    assertThat(dg.isTruthEquilibrium()).isFalse();
    EquilibriumReport ca =
        coarse.check(ReportGame.of(new CorrelatedAgreement(SignMatrix.of(Laws.K)), Laws.K, 1, 0));
    assertThat(ca.isTruthEquilibrium()).isTrue();
    assertThat(ca.isTruthStrict()).as("merging clustered signals ties").isFalse();
    assertThat(ca.isTruthFocal()).isTrue();
    assertThat(ca.bestUninformedProfileGain()).isCloseTo(-.2608, within(1e-9));
  }

  @Test
  void check_dasguptaGhoshFairCoin_earnsHalf() {
    EquilibriumReport report = CHECKER.check(ReportGame.of(new DasguptaGhosh(2), Laws.J, 1, 0));
    assertThat(report.isTruthStrict()).isTrue();
    assertThat(report.relabellingGain()).isCloseTo(0, within(1e-12));
    assertThat(report.coinPairGain() + report.truth()).isCloseTo(.5, within(1e-12));
    assertThat(report.isCoinProof()).isFalse();
  }

  @Test
  void check_effortCost_makesLazinessTheDeviationOnceItExceedsThePay() {
    ReportGame cheap = ReportGame.of(new DasguptaGhosh(2), Laws.J, 1, .19);
    ReportGame dear = ReportGame.of(new DasguptaGhosh(2), Laws.J, 1, .20);
    assertThat(CHECKER.check(cheap).isTruthEquilibrium()).isTrue();
    assertThat(CHECKER.check(dear).isTruthEquilibrium()).isFalse();
    assertThat(CHECKER.check(dear).deviationGain()).isCloseTo(.005, within(1e-12));
    assertThat(CHECKER.check(dear).bestDeviation().isUninformed()).isTrue();
  }

  @Test
  void check_peerTruthSerum_isStrictButAgreeingOnTheRarestSignalEarnsThePremium() {
    JointLaw law = JointLaw.verificationGame(.1, .95);
    double[] r = {law.marginal(0), law.marginal(1)};
    EquilibriumReport report =
        CHECKER.check(ReportGame.of(PeerTruthSerum.of(r, 1, 5, 1), law, 1, 0));
    assertThat(report.isTruthStrict()).isTrue();
    assertThat(report.coinPairGain() + report.truth()).isCloseTo(4, within(1e-9));
    assertThat(report.bestProfile().isUninformed()).isTrue();
  }

  @Test
  void check_classicalAndDeterminant_lawJ_truthIsAnEquilibrium() {
    EquilibriumReport classical =
        CHECKER.check(
            ReportGame.of(
                new ClassicalPeerPrediction(Laws.J, ProperScoringRule.quadratic()), Laws.J, 1, 0));
    assertThat(classical.isTruthStrict()).isTrue();
    EquilibriumReport dmi =
        CHECKER.check(ReportGame.of(new DeterminantMutualInformation(2), Laws.J, 1, 0));
    assertThat(dmi.isTruthEquilibrium()).isTrue();
    assertThat(dmi.relabellingGain()).isCloseTo(0, within(1e-15));
    assertThat(dmi.isTruthFocal()).isTrue();
  }

  @Test
  void check_tooFineAGridOrWrongSizes_isRefused() {
    assertThatThrownBy(
            () ->
                EquilibriumChecker.withGrid(40)
                    .check(ReportGame.of(new DasguptaGhosh(3), Laws.K, 1, 0)))
        .hasMessageContaining("coarser");
    assertThatThrownBy(() -> ReportGame.of(new DasguptaGhosh(2), Laws.K, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EquilibriumChecker.withGrid(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
