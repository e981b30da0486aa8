package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.sequential.Calibrator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibratedCheckTest {
  private static final double ALPHA = 1e-5;
  private static final double BORDERLINE = 1e-3;
  private static final StatisticCalibration STATISTIC =
      StatisticCalibration.of(
          "s", StatisticCalibration.Side.UPPER, 1_000, Profiles.scores(5, 3000, 1));

  private static Evidence evidence(double... pValues) {
    CalibratedCheck check =
        new CalibratedCheck(CheckName.TOKENS, Profiles.digest("profile", 0), ALPHA, BORDERLINE);
    for (double p : pValues) {
      check.add(STATISTIC, 1_000_000, p);
    }
    return check.evidence(48);
  }

  private static CombinedEvidence combined(Evidence... parts) {
    return new CombinedEvidence(List.of(parts), ALPHA, BORDERLINE);
  }

  /** One statistic at its own level decides the request, and just above it does not. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9})
  void alone_atTheLevel_rejects(int statistics) {
    double[] p = new double[statistics];
    java.util.Arrays.fill(p, 1);
    p[0] = CalibratedCheck.alone(ALPHA, statistics);
    assertThat(combined(evidence(p)).rejects()).isTrue();
    p[0] *= 1.001;
    assertThat(combined(evidence(p)).rejects()).isFalse();
    p[0] = CalibratedCheck.alone(BORDERLINE, statistics);
    assertThat(combined(evidence(p)).isBorderline()).isTrue();
    p[0] *= 1.001;
    assertThat(combined(evidence(p)).exceeds()).isFalse();
  }

  /** The threshold in the finding is the value at which this statistic alone rejects. */
  @Test
  void evidence_thresholds_areThoseOfRejection() {
    long high = evidence(1, 1).highMicros();
    assertThat(STATISTIC.pValue(high)).isLessThanOrEqualTo(CalibratedCheck.alone(ALPHA, 2));
    assertThat(STATISTIC.pValue(high - 1)).isGreaterThan(CalibratedCheck.alone(ALPHA, 2));
  }

  /**
   * The mean e-value over uniform p is at most 1: the integral of the calibrator, in logarithmic
   * steps from 1e-30, upper sums.
   */
  @Test
  void evidence_uniformP_hasMeanAtMostOne() {
    double sum = 0;
    double step = 1.0005;
    for (double p = 1e-30; p < 1; p *= step) {
      double upper = Math.min(1, p * step);
      sum += evidence(p).eValue() * (upper - p);
    }
    assertThat(sum).isBetween(0.9, 1.001);
  }

  /**
   * Honest requests whose checks share one p-value, the worst dependence: 10⁶ of them at α = 1e-3
   * (so that there is something to count) may give 1000 rejections, more than 1110 with probability
   * 3e-4.
   */
  @Test
  void combined_totalDependence_keepsItsLevel() {
    double alpha = 1e-3;
    SplitMix64 random = new SplitMix64(37);
    int aims = 2 * CombinedEvidence.SLOTS.size();
    Calibrator rejecting = Calibrator.aimedAt(alpha, aims);
    Calibrator warning = Calibrator.aimedAt(0.05, aims);
    int rejected = 0;
    int productRejects = 0;
    for (int i = 0; i < 1_000_000; i++) {
      double p = random.nextDouble() + 1e-18;
      double e = (rejecting.applyTo(p) + warning.applyTo(p)) / 2;
      rejected += 3 * e / 3 * alpha >= 1 - 1e-12 ? 1 : 0;
      productRejects += e * e * e * alpha >= 1 - 1e-12 ? 1 : 0;
    }
    assertThat(rejected).isLessThanOrEqualTo(1110);
    assertThat(productRejects).isGreaterThan(1110); // what multiplying them would do
  }

  /** Three checks that each half convince do not reject together unless the mean does. */
  @Test
  void combined_missingCheck_neverRaisesEvidence() {
    Evidence loud = evidence(1e-9);
    Evidence quiet =
        new Evidence(CheckName.ACTIVATIONS, loud.calibration(), "q", 0, 0, 0, 0, 1, TailModel.NAME);
    assertThat(combined(loud).eValue()).isEqualTo(combined(quiet, loud).eValue());
  }

  @Test
  void evidence_withoutStatistics_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(CalibratedCheckTest::evidence);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new CalibratedCheck(
                    CheckName.TOKENS, Profiles.digest("profile", 0), 0, BORDERLINE));
  }
}
