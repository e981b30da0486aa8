package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.tensor.BFloat16;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Float16;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class ExactNarrowingTest {
  @Test
  void narrow_everyHalfValue_comesBackAndItsNeighboursAreRefused() {
    for (int bits = 0; bits < 0x10000; bits++) {
      int wideBf16 = Float.floatToRawIntBits(BFloat16.toFloat((short) bits));
      assertThat(ExactNarrowing.toBf16(bits << 16)).isEqualTo(bits);
      assertThat(ExactNarrowing.toBf16((bits << 16) | 1)).isEqualTo(-1);
      assertThat(ExactNarrowing.toBf16(wideBf16)).isEqualTo(wideBf16 >>> 16);
      float half = Float16.toFloat((short) bits);
      if (!Float.isNaN(half)) {
        int wide = Float.floatToRawIntBits(half);
        assertThat(ExactNarrowing.toF16(wide)).isEqualTo(bits);
        assertThat(ExactNarrowing.toF16(wide ^ 1)).isEqualTo(-1);
        if (!Float.isInfinite(half)) {
          float nearby = Float.intBitsToFloat(wide ^ 0x1000);
          assertThat(ExactNarrowing.toF16(wide ^ 0x1000))
              .as("%s", nearby)
              .isEqualTo(exactF16(nearby));
        }
      }
    }
    assertThat(ExactNarrowing.toF16(Float.floatToRawIntBits(65536f))).isEqualTo(-1);
    assertThat(ExactNarrowing.toF16(Float.floatToRawIntBits(0x1p-25f))).isEqualTo(-1);
    assertThat(ExactNarrowing.toF16(0x7fc00000)).isEqualTo(0x7e00);
    assertThat(ExactNarrowing.toF16(0x7fc00001)).isEqualTo(-1);
  }

  private static int exactF16(float value) {
    short rounded = Float16.fromFloat(value);
    return Float16.toFloat(rounded) == value ? rounded & 0xFFFF : -1;
  }

  @Test
  void copy_f32IntoHalfTypes_isExactOrRefused() {
    byte[] out = new byte[7];
    ExactNarrowing.copy(row(1.5f, -0.0f), DType.BF16, out, 3);
    assertThat(out).containsExactly(0, 0, 0, 0xC0, 0x3F, 0, 0x80);
    ExactNarrowing.copy(row(1.5f, -2f), DType.F16, out, 0);
    assertThat(out).startsWith(0x00, 0x3E, 0x00, 0xC0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExactNarrowing.copy(row(1f, 0.1f), DType.BF16, out, 0))
        .withMessageContaining("element 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExactNarrowing.copy(row(1f, 0.1f), DType.F16, out, 0));
  }

  @Test
  void copy_otherPairs_areRefused() {
    byte[] out = new byte[16];
    TensorView half =
        TensorView.of(
            DType.F16, Shape.of(2), ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN));
    for (DType target : new DType[] {DType.F32, DType.BF16, DType.I16}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExactNarrowing.copy(half, target, out, 0));
    }
    for (DType target : new DType[] {DType.F64, DType.I32, DType.I8, DType.F8_E4M3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExactNarrowing.copy(row(0f, 0f), target, out, 0));
    }
  }

  private static TensorView row(float... values) {
    return TensorView.copyOf(Shape.of(values.length), values);
  }
}
