package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class LooseningRuleTest {
  private static final LooseningRule RULE = new LooseningRule(0.1, 1e-6);
  private static final CalibrationProfile ANCHOR = Profiles.of(500, 1, 5);

  /** Every score's distance from the anchor's median times a factor: thresholds scale alike. */
  private static StatisticCalibration stretched(String name, double factor) {
    StatisticCalibration frozen = ANCHOR.statistic(name).orElseThrow();
    long median = frozen.median();
    long[] scores = frozen.scores();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = median + Math.round((scores[i] - median) * factor);
    }
    return StatisticCalibration.of(name, frozen.side(), frozen.resolution(), scores);
  }

  private static CalibrationProfile candidate(double both, double upper) {
    return Profiles.anchoredAt(
        Profiles.of(48, stretched("both", both), stretched("upper", upper)), ANCHOR);
  }

  @Test
  void violations_sameOrTighter_none() {
    assertThat(RULE.violations(candidate(1, 1), ANCHOR)).isEmpty();
    assertThat(RULE.violations(candidate(0.5, 0.5), ANCHOR)).isEmpty();
  }

  /** One case just inside the step and one just outside. */
  @Test
  void violations_atTheStep_decideThere() {
    assertThat(RULE.violations(candidate(1, 1.099), ANCHOR)).isEmpty();
    assertThat(RULE.violations(candidate(1, 1.101), ANCHOR))
        .singleElement()
        .asString()
        .startsWith("upper: upper threshold");
    assertThat(RULE.violations(candidate(1.099, 1), ANCHOR)).isEmpty();
    assertThat(RULE.violations(candidate(1.101, 1), ANCHOR)).hasSize(2);
  }

  /** Five steps of 9 %, each allowed against the one before, are not allowed against the anchor. */
  @Test
  void violations_chainOfSmallSteps_isMeasuredAgainstTheAnchor() {
    double factor = 1;
    for (int version = 1; version <= 5; version++) {
      factor *= 1.09;
      assertThat(RULE.violations(candidate(1, factor), ANCHOR).isEmpty()).isEqualTo(version == 1);
    }
  }

  @Test
  void violations_droppedStatisticOrSide_areNamed() {
    CalibrationProfile dropped = Profiles.anchoredAt(Profiles.of(48, stretched("both", 1)), ANCHOR);
    assertThat(RULE.violations(dropped, ANCHOR)).containsExactly("upper is no longer judged");
    StatisticCalibration oneSided =
        StatisticCalibration.of(
            "both",
            StatisticCalibration.Side.UPPER,
            1,
            ANCHOR.statistic("both").orElseThrow().scores());
    assertThat(
            RULE.violations(
                Profiles.anchoredAt(Profiles.of(48, oneSided, stretched("upper", 1)), ANCHOR),
                ANCHOR))
        .singleElement()
        .asString()
        .contains("lower threshold");
  }

  @Test
  void violations_otherAnchorOrPair_areNamed() {
    assertThat(RULE.violations(Profiles.of(500, 1, 5), ANCHOR))
        .containsExactly("the profile names another anchor");
    CalibrationProfile own = candidate(1, 1);
    CalibrationProfile otherPair =
        new CalibrationProfile(
            own.model(),
            own.traceProfile(),
            own.prover(),
            Profiles.SECOND,
            own.conditions(),
            own.statistics(),
            own.receipts(),
            List.of(),
            List.of(),
            own.anchor(),
            own.corpus(),
            0);
    assertThat(RULE.violations(otherPair, ANCHOR)).singleElement().asString().contains("pair");
  }

  @Test
  void construct_stepOrLevelOutOfRange_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LooseningRule(-0.1, 1e-6));
    assertThatIllegalArgumentException().isThrownBy(() -> new LooseningRule(Double.NaN, 1e-6));
    assertThatIllegalArgumentException().isThrownBy(() -> new LooseningRule(0.1, 0));
  }
}
