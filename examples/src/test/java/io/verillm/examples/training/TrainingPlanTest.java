package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingPlanTest {

  @ParameterizedTest
  @ValueSource(strings = {"main", "sibling"})
  void rate_wholePlan_risesToThePeakAndFallsToTheFinalShare(String name) {
    TrainingPlan plan = TrainingPlan.named(name);
    double peak = plan.peakRate();
    assertThat(plan.rate(0)).isCloseTo(peak / plan.warmUpSteps(), within(1e-15));
    assertThat(plan.rate(plan.warmUpSteps() - 1)).isCloseTo(peak, within(1e-15));
    assertThat(plan.rate(plan.warmUpSteps())).isCloseTo(peak, within(1e-15));
    int middle = (plan.warmUpSteps() + plan.steps()) / 2;
    assertThat(plan.rate(middle)).isCloseTo(peak * (1 + plan.finalShare()) / 2, within(1e-15));
    assertThat(plan.rate(plan.steps())).isCloseTo(peak * plan.finalShare(), within(1e-15));
  }

  @Test
  void parameters_bothShapes_areTheTensorsOfTheFiles() {
    // 2048*256 + 4*(2*256*256 + 2*256*128 + 3*256*768 + 2*256) + 256
    assertThat(TrainingPlan.main().shape().parameters()).isEqualTo(3_672_320);
    // 2048*128 + 3*(2*128*128 + 2*128*64 + 3*128*384 + 2*128) + 128
    assertThat(TrainingPlan.sibling().shape().parameters()).isEqualTo(852_864);
  }

  @Test
  void named_unknown_isRefused() {
    assertThatThrownBy(() -> TrainingPlan.named("third"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("third");
  }
}
