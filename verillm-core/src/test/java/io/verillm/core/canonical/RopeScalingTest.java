package io.verillm.core.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Expected frequencies: the published formulas, restated in numpy float64, rounded to binary32. */
class RopeScalingTest {
  private static final float[] PLAIN = {
    1.0f, 0.31622776f, 0.1f, 0.031622775f, 0.01f, 0.0031622776f, 0.001f, 0.00031622776f
  };

  private static void assertNear(float[] actual, float... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(Math.ulp(expected[i])));
    }
  }

  @Test
  void frequencies_unscaledAndDynamic_arePowersOfTheta() {
    assertNear(new RopeScaling.Unscaled().frequencies(10000, 16), PLAIN);
    assertNear(new RopeScaling.DynamicNtk(4).frequencies(10000, 16), PLAIN);
  }

  @Test
  void frequencies_linear_areDivided() {
    float[] actual = new RopeScaling.Linear(4).frequencies(10000, 16);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(PLAIN[i] / 4, within(Math.ulp(PLAIN[i])));
    }
  }

  @Test
  void frequencies_llama3_stepSmoothly() {
    assertNear(
        new RopeScaling.Llama3(8, 1, 4, 64).frequencies(10000, 16),
        1.0f,
        0.24438460171222687f,
        0.013042256236076355f,
        0.003952846862375736f,
        0.0012499999720603228f,
        0.0003952847036998719f,
        0.0001250000059371814f,
        3.952846964239143e-05f);
  }

  @Test
  void frequencies_yarn_ramp() {
    float factor = RopeScaling.Yarn.defaultAttentionFactor(8);
    assertThat(factor).isEqualTo(1.2079441541679836f);
    assertNear(
        new RopeScaling.Yarn(8, 64, 32, 1, true, factor).frequencies(10000, 16),
        1.0f,
        0.2239946722984314f,
        0.0416666679084301f,
        0.003952846862375736f,
        0.0012499999720603228f,
        0.0003952847036998719f,
        0.0001250000059371814f,
        3.952846964239143e-05f);
  }

  @Test
  void row_position_turnsByAngleRoundedToBinary32() {
    RotaryTable table = RotaryTable.of(new RopeScaling.Unscaled(), 10000, 4);
    float[] row = table.row(300);
    assertThat(row)
        .containsExactly(
            (float) StrictMath.cos(300f),
            (float) StrictMath.cos(300 * 0.01f),
            (float) StrictMath.sin(300f),
            (float) StrictMath.sin(300 * 0.01f));
    float[] x = {1, 2, 3, 4};
    table.rotate(x, 4, 300);
    assertThat(x[0]).isEqualTo(row[0] - 3 * row[2]);
    assertThat(x[2]).isEqualTo(3 * row[0] + row[2]);
  }

  @Test
  void of_numbersOutOfRange_areRefused() {
    RopeScaling none = new RopeScaling.Unscaled();
    assertThatThrownBy(() -> RotaryTable.of(none, 10000, 7))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RotaryTable.of(none, Double.NaN, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RopeScaling.Linear(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RopeScaling.Llama3(8, 4, 1, 64))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RopeScaling.Yarn(8, 0, 32, 1, true, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
