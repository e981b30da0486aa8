package io.verillm.core.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalMathTest {
  @Test
  void exp_wholeRange_isWithinTwoUnitsOfTheTrueValue() {
    for (float x = -87.33f; x <= 88.72f; x += 0.00137f) {
      float value = CanonicalMath.exp(x);
      double exact = StrictMath.exp(x);
      assertThat(Math.abs(value - exact)).isLessThanOrEqualTo(2 * Math.ulp((float) exact));
    }
  }

  @Test
  void exp_edges_areAsStated() {
    assertThat(CanonicalMath.exp(0f)).isEqualTo(1f);
    assertThat(CanonicalMath.exp(-0f)).isEqualTo(1f);
    assertThat(CanonicalMath.exp(-87.33f)).isGreaterThan(Float.MIN_NORMAL);
    assertThat(CanonicalMath.exp(Math.nextDown(-87.33f))).isEqualTo(+0f);
    assertThat(CanonicalMath.exp(Float.NEGATIVE_INFINITY)).isEqualTo(+0f);
    assertThat(CanonicalMath.exp(88.72f)).isFinite();
    assertThat(CanonicalMath.exp(Math.nextUp(88.72f))).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(CanonicalMath.exp(Float.NaN)).isNaN();
  }

  /** Computed with numpy float32, one operation at a time, from the written definition. */
  @ParameterizedTest
  @CsvSource({
    "-87.33,80d71a",
    "-50.25,1b35981c",
    "-20.0,310da433",
    "-1.0,3ebc5ab2",
    "-0.5,3f1b4598",
    "-1.0e-4,3f7ff972",
    "0.3,3facc82c",
    "1.0,402df854",
    "3.7,4221ca0b",
    "10.5,470ddb81",
    "42.0,5dc1192b",
    "88.72,7f7f4648"
  })
  void exp_knownAnswers_fromNumpy(float x, String bits) {
    assertThat(Integer.toHexString(Float.floatToRawIntBits(CanonicalMath.exp(x)))).isEqualTo(bits);
  }

  @Test
  void exp_ofArrays_equalsExpOfElements() {
    Random random = new Random(1);
    float[] x = new float[1037];
    for (int i = 0; i < x.length; i++) {
      x[i] = (random.nextFloat() - 0.5f) * 220;
    }
    x[5] = Float.NEGATIVE_INFINITY;
    float[] out = new float[x.length];
    CanonicalMath.exp(x, out, new float[x.length], 3, 1030);
    for (int i = 0; i < x.length; i++) {
      assertThat(out[i]).isEqualTo(i >= 3 && i < 1030 ? CanonicalMath.exp(x[i]) : 0f);
    }
  }

  @Test
  void silu_knownShape_fallsToNegativeZero() {
    assertThat(CanonicalMath.silu(0f)).isEqualTo(0f);
    assertThat(CanonicalMath.silu(20f)).isEqualTo(20f);
    assertThat(Float.floatToRawIntBits(CanonicalMath.silu(-100f))).isEqualTo(0x80000000);
    assertThat(CanonicalMath.silu(1f)).isCloseTo(0.7310586f, within(1e-6f));
  }

  @Test
  void softmax_maskedElements_areExactlyZeroAndChangeNothing() {
    float[] plain = {1, 2, 3};
    CanonicalMath.softmax(plain, 3);
    float[] masked = {1, 2, 3, Float.NEGATIVE_INFINITY};
    CanonicalMath.softmax(masked, 4);
    assertThat(masked).containsExactly(plain[0], plain[1], plain[2], 0f);
    assertThat(plain[0] + plain[1] + plain[2]).isCloseTo(1f, within(1e-6f));
  }

  @Test
  void softmax_hugeScores_staysFinite() {
    float[] x = {3e38f, 3e38f, -3e38f};
    CanonicalMath.softmax(x, 3);
    assertThat(x).containsExactly(0.5f, 0.5f, 0f);
    assertThatThrownBy(() -> CanonicalMath.softmax(x, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CanonicalMath.softmax(x, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rmsNorm_threeFourAndZero_dividesByTheRoot() {
    float[] y = new float[3];
    CanonicalMath.rmsNorm(new float[] {9, 3, 4}, y, 1, 2, new float[] {1, 2}, 0f);
    float factor = (float) (1 / Math.sqrt(12.5));
    assertThat(y).containsExactly(0f, 3 * factor, 4 * factor * 2);
  }

  @Test
  void rsqrt_exactPowers_areExact() {
    assertThat(CanonicalMath.rsqrt(4f)).isEqualTo(0.5f);
    assertThat(CanonicalMath.rsqrt(0x1p-20f)).isEqualTo(0x1p10f);
    assertThat(CanonicalMath.rsqrt(0f)).isEqualTo(Float.POSITIVE_INFINITY);
  }
}
