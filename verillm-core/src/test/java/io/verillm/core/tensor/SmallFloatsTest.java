package io.verillm.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The small formats against their definition: sign, exponent and mantissa in exact double
 * arithmetic, and rounding by a search in the sorted list of all representable values.
 */
class SmallFloatsTest {
  /** The value that IEEE-like fields stand for, NaN and infinity left to the caller. */
  private static double fields(int magnitude, int mantissaBits, int bias) {
    int exponent = magnitude >> mantissaBits;
    int mantissa = magnitude & (1 << mantissaBits) - 1;
    return exponent == 0
        ? mantissa * Math.pow(2, 1 - bias - mantissaBits)
        : (1 + mantissa * Math.pow(2, -mantissaBits)) * Math.pow(2, exponent - bias);
  }

  private static double bfloat16(int bits) {
    int magnitude = bits & 0x7FFF;
    double value =
        magnitude > 0x7F80
            ? Double.NaN
            : magnitude == 0x7F80 ? Double.POSITIVE_INFINITY : fields(magnitude, 7, 127);
    return (bits & 0x8000) != 0 ? -value : value;
  }

  private static double binary16(int bits) {
    int magnitude = bits & 0x7FFF;
    double value =
        magnitude > 0x7C00
            ? Double.NaN
            : magnitude == 0x7C00 ? Double.POSITIVE_INFINITY : fields(magnitude, 10, 15);
    return (bits & 0x8000) != 0 ? -value : value;
  }

  private static double e4m3(int bits) {
    int magnitude = bits & 0x7F;
    double value = magnitude == 0x7F ? Double.NaN : fields(magnitude, 3, 7);
    return (bits & 0x80) != 0 ? -value : value;
  }

  private static double e5m2(int bits) {
    int magnitude = bits & 0x7F;
    double value =
        magnitude > 0x7C
            ? Double.NaN
            : magnitude == 0x7C ? Double.POSITIVE_INFINITY : fields(magnitude, 2, 15);
    return (bits & 0x80) != 0 ? -value : value;
  }

  private static void assertSame(float actual, double expected, int bits) {
    if (Double.isNaN(expected)) {
      assertThat(actual).as("bits %x", bits).isNaN();
    } else {
      // compares raw bits, so that −0 and +0 differ
      assertThat(Double.doubleToRawLongBits(actual))
          .as("bits %x", bits)
          .isEqualTo(Double.doubleToRawLongBits(expected));
    }
  }

  @Test
  void toFloat_everyBitPattern_equalsItsFields() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertSame(BFloat16.toFloat((short) bits), bfloat16(bits), bits);
      assertSame(Float16.toFloat((short) bits), binary16(bits), bits);
    }
    for (int bits = 0; bits < 1 << 8; bits++) {
      assertSame(Float8E4M3.toFloat((byte) bits), e4m3(bits), bits);
      assertSame(Float8E5M2.toFloat((byte) bits), e5m2(bits), bits);
    }
  }

  /**
   * Rounds by definition.
   *
   * @param overflow magnitude code of what rounds beyond the largest finite value
   * @param beyond the value that the format would have next if it went on
   */
  private static DoubleFunction<Integer> definition(
      IntToDoubleFunction values, int finite, int overflow, double beyond) {
    TreeMap<Double, Integer> magnitudes = new TreeMap<>();
    for (int bits = 0; bits < finite; bits++) {
      magnitudes.put(values.applyAsDouble(bits), bits);
    }
    magnitudes.put(beyond, overflow);
    return value -> {
      double magnitude = Math.abs(value);
      if (magnitude >= beyond) {
        return overflow;
      }
      var below = magnitudes.floorEntry(magnitude);
      var above = magnitudes.higherEntry(magnitude);
      double middle = (below.getKey() + above.getKey()) / 2; // exact: few bits
      if (magnitude == middle) {
        // An even code has an even mantissa; "beyond" would continue the codes.
        return below.getValue() % 2 == 0 ? below.getValue() : above.getValue();
      }
      return magnitude < middle ? below.getValue() : above.getValue();
    };
  }

  private static void assertRoundsByDefinition(
      IntToDoubleFunction values,
      int finite,
      int overflow,
      double beyond,
      int signBit,
      java.util.function.Function<Float, Integer> subject) {
    DoubleFunction<Integer> definition = definition(values, finite, overflow, beyond);
    for (int bits = 0; bits < finite; bits++) {
      double low = values.applyAsDouble(bits);
      double high = bits + 1 < finite ? values.applyAsDouble(bits + 1) : beyond;
      float middle = (float) ((low + high) / 2);
      float[] probes = {
        (float) low,
        Math.nextUp((float) low),
        Math.nextDown(middle),
        middle,
        Math.nextUp(middle),
        Math.nextDown((float) high)
      };
      for (float probe : probes) {
        assertThat(subject.apply(probe)).as("%a", probe).isEqualTo(definition.apply(probe));
        assertThat(subject.apply(-probe))
            .as("%a", -probe)
            .isEqualTo(definition.apply(probe) | signBit);
      }
    }
    assertThat(subject.apply(Float.MAX_VALUE)).isEqualTo(overflow);
    assertThat(subject.apply(Float.POSITIVE_INFINITY)).isEqualTo(overflow);
    assertThat(subject.apply(Float.MIN_VALUE)).isEqualTo(0);
  }

  @Test
  void float16FromFloat_aroundEveryStep_roundsToNearestEven() {
    assertRoundsByDefinition(
        SmallFloatsTest::binary16,
        0x7C00,
        0x7C00,
        65536,
        0x8000,
        value -> Float16.fromFloat(value) & 0xFFFF);
  }

  @Test
  void float8E4M3FromFloat_aroundEveryStep_roundsToNearestEven() {
    assertRoundsByDefinition(
        SmallFloatsTest::e4m3, 0x7F, 0x7F, 480, 0x80, value -> Float8E4M3.fromFloat(value) & 0xFF);
  }

  @Test
  void float8E5M2FromFloat_aroundEveryStep_roundsToNearestEven() {
    assertRoundsByDefinition(
        SmallFloatsTest::e5m2,
        0x7C,
        0x7C,
        65536,
        0x80,
        value -> Float8E5M2.fromFloat(value) & 0xFF);
  }

  @Test
  void bfloat16FromFloat_aroundEveryStep_roundsToNearestEven() {
    for (int bits = 0; bits < 0x7F80; bits++) {
      int low = bits << 16;
      int tie = low | 0x8000;
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(bfloat(low)).isEqualTo(bits);
      assertThat(bfloat(tie - 1)).isEqualTo(bits);
      assertThat(bfloat(tie)).isEqualTo(even);
      assertThat(bfloat(tie + 1)).isEqualTo(bits + 1);
      assertThat(bfloat(0x80000000 | tie)).isEqualTo(0x8000 | even);
    }
    assertThat(BFloat16.round(1.00390625f)).isEqualTo(1f); // 1 + 2^-8, halfway, even below
  }

  private static int bfloat(int floatBits) {
    return BFloat16.fromFloat(Float.intBitsToFloat(floatBits)) & 0xFFFF;
  }

  @Test
  void fromFloat_nan_staysNan() {
    for (int payload : new int[] {1, 0x1FFF, 0x2000, 0x400000, 0x7FFFFF}) {
      for (int sign : new int[] {0, 0x80000000}) {
        float nan = Float.intBitsToFloat(sign | 0x7F800000 | payload);
        assertThat(BFloat16.toFloat(BFloat16.fromFloat(nan))).isNaN();
        assertThat(Float16.toFloat(Float16.fromFloat(nan))).isNaN();
        assertThat(Float8E4M3.toFloat(Float8E4M3.fromFloat(nan))).isNaN();
        assertThat(Float8E5M2.toFloat(Float8E5M2.fromFloat(nan))).isNaN();
        assertThat(Float16.fromFloat(nan) & 0x8000).isEqualTo(sign >>> 16);
      }
    }
  }

  @Test
  void roundTrip_everyNumber_isTheSameBits() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short word = (short) bits;
      if (!Double.isNaN(bfloat16(bits))) {
        assertThat(BFloat16.fromFloat(BFloat16.toFloat(word))).isEqualTo(word);
      }
      if (!Double.isNaN(binary16(bits))) {
        assertThat(Float16.fromFloat(Float16.toFloat(word))).isEqualTo(word);
      }
    }
    for (int bits = 0; bits < 1 << 8; bits++) {
      byte octet = (byte) bits;
      if (!Double.isNaN(e4m3(bits))) {
        assertThat(Float8E4M3.fromFloat(Float8E4M3.toFloat(octet))).isEqualTo(octet);
      }
      if (!Double.isNaN(e5m2(bits))) {
        assertThat(Float8E5M2.fromFloat(Float8E5M2.toFloat(octet))).isEqualTo(octet);
      }
    }
  }

  @Test
  void floatTensors_everyConvertibleType_roundTrips() {
    float[] values = {0f, -1f, 0.5f, 2f, -448f, 0.015625f};
    for (DType dtype : DType.values()) {
      if (FloatTensors.isConvertible(dtype)) {
        TensorView view = FloatTensors.ofFloats(dtype, Shape.of(2, 3), values);
        assertThat(FloatTensors.toFloats(view)).containsExactly(values);
        float[] part = new float[4];
        FloatTensors.toFloats(view, 2, part, 1, 3);
        assertThat(part).containsExactly(0f, 0.5f, 2f, -448f);
      } else {
        TensorView view = TensorView.of(dtype, Shape.of(0), java.nio.ByteBuffer.allocate(0));
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
            .isThrownBy(() -> FloatTensors.toFloats(view));
      }
    }
  }

  @Test
  void floatTensors_runOutsideTheView_isRefused() {
    TensorView view = FloatTensors.ofFloats(DType.BF16, Shape.of(4), new float[4]);
    for (int[] run : new int[][] {{0, 5}, {4, 1}, {-1, 2}, {0, -1}, {1 << 30, 1 << 30}}) {
      org.assertj.core.api.Assertions.assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> FloatTensors.toFloats(view, run[0], new float[8], 0, run[1]));
    }
  }
}
