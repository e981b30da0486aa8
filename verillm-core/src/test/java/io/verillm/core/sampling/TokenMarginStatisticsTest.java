package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.sampling.TokenMargin.Standing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenMarginStatisticsTest {
  private static TokenMargin margin(double value) {
    return new TokenMargin(3, value, Standing.IN_SUPPORT);
  }

  private static TokenMarginStatistics of(double... values) {
    TokenMarginStatistics all = TokenMarginStatistics.empty(500_000, 2_000_000);
    for (double value : values) {
      all = all.with(margin(value), 1.5);
    }
    return all;
  }

  @Test
  void with_margins_clipsTheMeanAndCountsExtremes() {
    TokenMarginStatistics all = of(0, 0.25, 0.75, 2.0, 2.000001, 30);
    assertThat(all.tokens()).isEqualTo(6);
    assertThat(all.exact()).isEqualTo(1);
    assertThat(all.clippedSumMicros()).isEqualTo(250_000 + 4 * 500_000);
    assertThat(all.meanClipped()).isCloseTo(0.375, within(1e-12));
    assertThat(all.extremes()).isEqualTo(2); // 2.0 is just inside, one micro more just outside
    assertThat(all.largestMicros()).isEqualTo(30_000_000);
    assertThat(all.freedomBits()).isCloseTo(9, within(1e-12));
  }

  @Test
  void with_oneSwappedTokenAmongMany_isCountedAlthoughTheMeanHidesIt() {
    TokenMarginStatistics all = of(new double[999]).with(margin(25), 0);
    assertThat(all.meanClipped()).isLessThan(0.001);
    assertThat(all.extremes()).isEqualTo(1);
  }

  @Test
  void with_suppressedToken_isExtreme() {
    TokenMarginStatistics all =
        of().with(new TokenMargin(0, TokenMargin.CEILING, Standing.SUPPRESSED), 0);
    assertThat(all.suppressed()).isEqualTo(1);
    assertThat(all.extremes()).isEqualTo(1);
    assertThat(
            TokenMarginStatistics.empty(1, 999_999_999_999_999L)
                .with(new TokenMargin(0, TokenMargin.CEILING, Standing.SUPPRESSED), 0)
                .extremes())
        .isEqualTo(1);
  }

  @Test
  void plus_anySplit_equalsTheWhole() {
    TokenMarginStatistics whole = of(0, 0.1, 0.7, 3, 0.2);
    assertThat(of(0, 0.1).plus(of(0.7, 3, 0.2))).isEqualTo(whole);
    assertThat(of(0.7, 3, 0.2).plus(of()).plus(of(0, 0.1))).isEqualTo(whole);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> whole.plus(TokenMarginStatistics.empty(500_000, 2_000_001)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> whole.plus(TokenMarginStatistics.empty(500_001, 2_000_000)));
  }

  @Test
  void meanClipped_noToken_isRefused() {
    assertThatIllegalStateException().isThrownBy(() -> of().meanClipped());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY, 1.1e9})
  void newMargin_valueOutOfRange_isRefused(double value) {
    assertThatIllegalArgumentException().isThrownBy(() -> margin(value));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1_000_000_000_000_000L, Long.MAX_VALUE})
  void empty_boundOutOfRange_isRefused(long bound) {
    assertThatIllegalArgumentException().isThrownBy(() -> TokenMarginStatistics.empty(bound, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> TokenMarginStatistics.empty(1, bound));
  }

  @Test
  void with_freedomOutOfRange_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> of().with(margin(0), -1));
    assertThatIllegalArgumentException().isThrownBy(() -> of().with(margin(0), Double.NaN));
  }
}
