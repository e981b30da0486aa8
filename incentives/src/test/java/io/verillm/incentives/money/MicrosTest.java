package io.verillm.incentives.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MicrosTest {
  @Test
  void arithmetic_beyond64Bits_throwsInsteadOfWrapping() {
    Micros most = Micros.of(Long.MAX_VALUE);
    Micros least = Micros.of(Long.MIN_VALUE);
    assertThatThrownBy(() -> most.plus(Micros.of(1))).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> least.minus(Micros.of(1))).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> most.times(2)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(least::negate).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Micros.ofUnits(Long.MAX_VALUE / 1000))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void toString_oneMicro_showsSixDecimals() {
    assertThat(Micros.of(-1).toString()).isEqualTo("-0.000001");
    assertThat(Micros.ofUnits(12).toString()).isEqualTo("12.000000");
  }

  @ParameterizedTest
  @CsvSource({"1.2, 6, 5", "-0.25, -1, 4", "10, 10, 1", "0.000001, 1, 1000000", "0, 0, 1"})
  void parse_decimal_isExact(String text, long numerator, long denominator) {
    assertThat(Rational.parse(text)).isEqualTo(Rational.of(numerator, denominator));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e9",
        "1E999999999",
        "",
        "0x1",
        "1.2.3",
        "NaN",
        "1111111111111111111111111111111111111111111"
      })
  void parse_notAPlainDecimal_isRefused(String text) {
    assertThatThrownBy(() -> Rational.parse(text)).isInstanceOf(NumberFormatException.class);
  }

  @Test
  void of_zeroDenominator_isRefused() {
    assertThatThrownBy(() -> Rational.of(1, 0)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Rational.ONE.dividedBy(Rational.ZERO))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void of_equalNumbers_areEqualObjects() {
    assertThat(Rational.of(-2, -4))
        .isEqualTo(Rational.of(1, 2))
        .hasSameHashCodeAs(Rational.of(1, 2));
    assertThat(Rational.of(2, -4)).isEqualTo(Rational.of(-1, 2));
    assertThat(Rational.of(0, -7)).isEqualTo(Rational.ZERO);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 2, 3, 4",
    "-7, 2, -4, -3",
    "6, 2, 3, 3",
    "-6, 2, -3, -3",
    "1, 3, 0, 1",
    "-1, 3, -1, 0"
  })
  void roundingMicros_anySign_isFloorAndCeiling(long n, long d, long floor, long ceiling) {
    assertThat(Rational.of(n, d).floorMicros()).isEqualTo(Micros.of(floor));
    assertThat(Rational.of(n, d).ceilingMicros()).isEqualTo(Micros.of(ceiling));
  }

  @Test
  void floorMicros_beyond64Bits_throws() {
    Rational huge = Rational.of(BigInteger.TWO.pow(64), BigInteger.ONE);
    assertThatThrownBy(huge::floorMicros).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void rational_hashAndText_followTheReducedFraction() {
    assertThat(Rational.of(2, 4)).hasToString("1/2").hasSameHashCodeAs(Rational.of(1, 2));
    assertThat(Rational.of(-6, 3)).hasToString("-2");
    assertThat(Rational.of(3, -6)).hasToString("-1/2");
    assertThat(Rational.of(1, 2)).isNotEqualTo(Rational.of(1, 3)).isNotEqualTo(Rational.of(2));
    assertThat(Rational.of(1, 2).equals("1/2")).isFalse();
    // Different numbers, almost surely different hashes: the sum of the parts is no hash.
    assertThat(Rational.of(1, 2).hashCode()).isNotEqualTo(Rational.of(2).hashCode());
    assertThat(Rational.of(1, 2).hashCode()).isNotZero();
  }

  @Test
  void parse_lengthAtItsLimit() {
    assertThat(Rational.parse("0." + "0".repeat(37) + "1").signum()).isPositive();
    for (String text : new String[] {"0." + "0".repeat(38) + "1", "e1", "E1", "1e1", "1E1"}) {
      assertThatThrownBy(() -> Rational.parse(text))
          .as(text)
          .isInstanceOf(NumberFormatException.class)
          .hasMessageContaining("plain decimal");
    }
  }
}
