package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DriftCheckTest {
  private static final CalibrationProfile PROFILE = Profiles.of(1000, 1, 5);

  private static Map<String, long[]> fresh(long seed, double shift, double scale) {
    long[] both = Profiles.scores(seed, 200, z -> 1 + 0.1 * (scale * z + shift));
    return Map.of("both", both, "upper", Profiles.scores(seed + 1, 200, 1));
  }

  /**
   * 100 checks of honest scores at level 0.05: more than 13 alarms have probability 5e-4
   * (binomial).
   */
  @Test
  void compare_sameLaw_alarmsAsOftenAsStated() {
    int alarms = 0;
    for (int i = 0; i < 100; i++) {
      alarms += DriftCheck.compare(PROFILE, fresh(1000 + 2 * i, 0, 1), 0.05).drifted() ? 1 : 0;
    }
    assertThat(alarms).isLessThanOrEqualTo(13);
  }

  /** Half a standard deviation at 200 against 1000: D ≈ 0.2, p ≈ 1e-5 (Kolmogorov's law). */
  @Test
  void compare_shifted_isFound() {
    DriftCheck.Result found = DriftCheck.compare(PROFILE, fresh(7, 0.5, 1), 1e-3);
    assertThat(found.drifted()).isTrue();
    assertThat(found.statistic()).isEqualTo("both");
  }

  @Test
  void compare_quieter_isFound() {
    assertThat(DriftCheck.compare(PROFILE, fresh(7, 0, 0.3), 1e-3).drifted()).isTrue();
  }

  @Test
  void compare_missingStatistic_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriftCheck.compare(PROFILE, Map.of("both", new long[] {1, 2}), 0.05))
        .withMessageContaining("upper");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriftCheck.compare(PROFILE, fresh(1, 0, 1), 0));
  }
}
