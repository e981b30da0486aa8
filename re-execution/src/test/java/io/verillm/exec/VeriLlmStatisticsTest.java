package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.exec.VeriLlmStatistics.Parameters;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected values follow from the published definitions by hand; the thresholds are published. */
class VeriLlmStatisticsTest {
  private static final Parameters PUBLISHED = Parameters.published();
  private static final Parameters BINARY = new Parameters(2, 0.05, 0.5, 0.05, 0.75, 0.80, 0.01);
  private static final float[] A = {0.9999f, 1, 2, 0.5f, -3.25f, 0};
  private static final float[] B = {1.0001f, 1, 2.05f, 0.5f, -3.26f, 0};

  private static VeriLlmStatistics compare(float[] a, float[] b) {
    return VeriLlmStatistics.compare(a, b, PUBLISHED);
  }

  @Test
  void published_thresholds_areThoseOfThePaper() {
    assertThat(PUBLISHED.maxExponentMismatches()).isEqualTo(0.05);
    assertThat(PUBLISHED.minLargeAmongMismatches()).isEqualTo(0.75);
    assertThat(PUBLISHED.minSmallAmongMatches()).isEqualTo(0.80);
    assertThat(PUBLISHED.maxMeanDifference()).isEqualTo(0.01);
  }

  @ParameterizedTest
  @CsvSource({"0.9999,126", "1.0,127", "1.0001,127", "2.0,128", "65504,142", "-1.5,127"})
  void exponent_radix2_isTheBinary32Field(float value, int expected) {
    assertThat(VeriLlmStatistics.exponent(value, 2)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0.9999,-1", "1,0", "9.999,0", "10,1", "1000,3", "1e38,37", "1e-45,-45", "0.01,-3"})
  void exponent_radix10_isTheExactDecimalOne(float value, int expected) {
    // as floats, 0.01 and 1e38 lie just below the power of ten
    assertThat(VeriLlmStatistics.exponent(value, 10)).isEqualTo(expected);
    assertThat(VeriLlmStatistics.mantissa(value, expected, 10)).isBetween(1.0, 9.9999999999);
  }

  @Test
  void compare_oneCrossedPower_isRejectedForExponentsOnly() {
    VeriLlmStatistics s = compare(A, B);
    assertThat(s.exponentMismatches()).isEqualTo(1.0 / 6);
    assertThat(s.largeAmongMismatches()).isEqualTo(1);
    assertThat(s.smallAmongMatches()).isEqualTo(1);
    assertThat(s.meanDifference()).isCloseTo(-0.0067, within(1e-6));
    assertThat(s.accepts(PUBLISHED)).isFalse();
    assertThat(s.accepts(new Parameters(10, 0.2, 5, 0.2, 0.75, 0.80, 0.01))).isTrue();
  }

  @Test
  void compare_radix2_givesTheSameShares() {
    VeriLlmStatistics s = VeriLlmStatistics.compare(A, B, BINARY);
    assertThat(s.exponentMismatches()).isEqualTo(1.0 / 6);
    assertThat(s.largeAmongMismatches()).isEqualTo(1);
    assertThat(s.smallAmongMatches()).isEqualTo(1);
    double a = VeriLlmStatistics.mantissa(0.9999f, 126, 2);
    double b = VeriLlmStatistics.mantissa(1.0001f, 127, 2);
    assertThat(a - b).isCloseTo(0.9997, within(1e-5));
    double c = VeriLlmStatistics.mantissa(2.05f, 128, 2);
    assertThat(c - 1).isCloseTo(0.025, within(1e-6));
  }

  @Test
  void compare_equalRows_acceptsWithVacuousMismatches() {
    VeriLlmStatistics s = compare(A, A.clone());
    assertThat(s.exponentMismatches()).isZero();
    assertThat(s.smallAmongMatches()).isEqualTo(1);
    assertThat(s.meanDifference()).isZero();
    assertThat(s.accepts(PUBLISHED)).isTrue();
  }

  @Test
  void compare_factorOfTheRadix_isRejected() {
    float[] row = gaussian(1000, 1);
    float[] tenfold = row.clone();
    float[] twofold = row.clone();
    for (int i = 0; i < row.length; i++) {
      tenfold[i] *= 10;
      twofold[i] *= 2;
    }
    VeriLlmStatistics ten = compare(row, tenfold);
    assertThat(ten.exponentMismatches()).isEqualTo(1);
    assertThat(ten.largeAmongMismatches()).isLessThan(0.01);
    assertThat(ten.accepts(PUBLISHED)).isFalse();
    VeriLlmStatistics two = VeriLlmStatistics.compare(row, twofold, BINARY);
    assertThat(two.exponentMismatches()).isEqualTo(1);
    assertThat(two.largeAmongMismatches()).isZero();
    assertThat(two.accepts(BINARY)).isFalse();
  }

  @Test
  void compare_multiplicativeNoise_crossesOnlyWithLargeMantissas() {
    Random random = new Random(7);
    float[] a = gaussian(200_000, 2);
    float[] b = a.clone();
    for (int i = 0; i < b.length; i++) {
      b[i] *= 1 + (random.nextFloat() * 2 - 1) * 0x1p-10f;
    }
    VeriLlmStatistics s = compare(a, b);
    assertThat(s.exponentMismatches()).isBetween(1e-5, 1e-3);
    assertThat(s.largeAmongMismatches()).isEqualTo(1);
  }

  @Test
  void compare_growingNoise_growsMismatchesAndLosesMatches() {
    float[] a = gaussian(20_000, 3);
    double lastMismatches = -1;
    double lastSmall = 2;
    boolean rejected = false;
    for (double level : new double[] {0.001, 0.005, 0.02, 0.08, 0.3}) {
      Random random = new Random(8);
      float[] b = a.clone();
      for (int i = 0; i < b.length; i++) {
        b[i] += (float) (random.nextGaussian() * level);
      }
      VeriLlmStatistics s = compare(a, b);
      assertThat(s.exponentMismatches()).isGreaterThan(lastMismatches);
      assertThat(s.smallAmongMatches()).isLessThan(lastSmall);
      assertThat(rejected && s.accepts(PUBLISHED)).isFalse();
      rejected |= !s.accepts(PUBLISHED);
      lastMismatches = s.exponentMismatches();
      lastSmall = s.smallAmongMatches();
    }
    assertThat(rejected).isTrue();
  }

  @Test
  void compare_shiftedRow_failsOnlyTheMean() {
    Random random = new Random(9);
    float[] a = new float[5000];
    float[] b = new float[5000];
    for (int i = 0; i < a.length; i++) {
      a[i] = 11 + random.nextFloat() * 79;
      b[i] = a[i] + 0.02f;
    }
    VeriLlmStatistics s = compare(a, b);
    assertThat(s.meanDifference()).isCloseTo(-0.02, within(1e-4));
    assertThat(s.accepts(PUBLISHED)).isFalse();
    assertThat(s.accepts(new Parameters(10, 0.2, 5, 0.05, 0.75, 0.80, 0.021))).isTrue();
  }

  @Test
  void compare_sidesSwapped_negatesTheMeanOnly() {
    VeriLlmStatistics s = compare(A, B);
    VeriLlmStatistics t = compare(B, A);
    assertThat(t.meanDifference()).isEqualTo(-s.meanDifference());
    assertThat(t.exponentMismatches()).isEqualTo(s.exponentMismatches());
    assertThat(t.largeAmongMismatches()).isEqualTo(s.largeAmongMismatches());
    assertThat(t.smallAmongMatches()).isEqualTo(s.smallAmongMatches());
  }

  @Test
  void compare_edges_followTheStatedRules() {
    assertThat(compare(new float[] {0, 1}, new float[] {-0f, 1}).smallAmongMatches()).isEqualTo(1);
    assertThat(compare(new float[] {0}, new float[] {1e-30f}).exponentMismatches()).isEqualTo(1);
    VeriLlmStatistics signs = compare(new float[] {-9}, new float[] {1});
    assertThat(signs.exponentMismatches()).isEqualTo(1);
    assertThat(signs.largeAmongMismatches()).isZero();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void compare_notFiniteOnEitherSide_rejects(float bad) {
    float[] row = {1, 2, bad};
    assertThat(compare(row, row.clone()).accepts(PUBLISHED)).isFalse();
    assertThat(compare(new float[] {1, 2, 3}, row).accepts(PUBLISHED)).isFalse();
    assertThat(compare(row, new float[] {1, 2, 3}).finite()).isFalse();
  }

  @Test
  void compare_noOrUnequalRows_areRefused() {
    assertThatThrownBy(() -> compare(new float[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> compare(new float[1], new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Parameters(3, 0.2, 5, 0.05, 0.75, 0.8, 0.01))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Parameters(10, Double.NaN, 5, 0.05, 0.75, 0.8, 0.01))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float[] gaussian(int n, long seed) {
    Random random = new Random(seed);
    float[] row = new float[n];
    for (int i = 0; i < n; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }
}
