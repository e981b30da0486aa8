package io.verillm.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** Whole tensors of a floating-point type as {@code float} arrays and back. Thread-safe. */
public final class FloatTensors {
  private FloatTensors() {}

  /** Whether elements of the type are floating-point numbers that a {@code float} holds exactly. */
  public static boolean isConvertible(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
      default -> false;
    };
  }

  /**
   * Widens all elements, row-major; exact.
   *
   * @throws IllegalArgumentException unless {@link #isConvertible} holds for the view's type
   * @throws ArithmeticException if the elements do not fit one array
   */
  public static float[] toFloats(TensorView view) {
    float[] values = new float[Math.toIntExact(view.shape().elements())];
    toFloats(view, 0, values, 0, values.length);
    return values;
  }

  /**
   * Widens a run of elements, counted row-major from the view's start; exact.
   *
   * @throws IllegalArgumentException unless {@link #isConvertible} holds for the view's type
   * @throws IndexOutOfBoundsException if the run leaves the view or the array
   */
  public static void toFloats(
      TensorView view, int firstElement, float[] target, int targetOffset, int count) {
    java.util.Objects.checkFromIndexSize(targetOffset, count, target.length);
    DType dtype = view.dtype();
    requireConvertible(dtype);
    ByteBuffer all = view.bytes();
    java.util.Objects.checkFromIndexSize(firstElement, count, all.limit() / dtype.bytes());
    ByteBuffer bytes =
        all.slice(firstElement * dtype.bytes(), count * dtype.bytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> bytes.asFloatBuffer().get(target, targetOffset, count);
      case BF16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[targetOffset + i] = BFloat16.toFloat(bits.get(i));
        }
      }
      case F16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[targetOffset + i] = Float16.toFloat(bits.get(i));
        }
      }
      case F8_E4M3 -> {
        for (int i = 0; i < count; i++) {
          target[targetOffset + i] = Float8E4M3.toFloat(bytes.get(i));
        }
      }
      case F8_E5M2 -> {
        for (int i = 0; i < count; i++) {
          target[targetOffset + i] = Float8E5M2.toFloat(bytes.get(i));
        }
      }
      default -> throw new AssertionError(dtype);
    }
  }

  /**
   * Rounds floats to a type, nearest, ties to even, into a fresh view.
   *
   * @throws IllegalArgumentException unless {@link #isConvertible} holds, or if the number of
   *     values is not what the shape needs
   */
  public static TensorView ofFloats(DType dtype, Shape shape, float[] values) {
    requireConvertible(dtype);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (dtype) {
        case F32 -> bytes.putFloat(value);
        case BF16 -> bytes.putShort(BFloat16.fromFloat(value));
        case F16 -> bytes.putShort(Float16.fromFloat(value));
        case F8_E4M3 -> bytes.put(Float8E4M3.fromFloat(value));
        case F8_E5M2 -> bytes.put(Float8E5M2.fromFloat(value));
        default -> throw new AssertionError(dtype);
      }
    }
    return TensorView.of(dtype, shape, bytes.flip());
  }

  private static void requireConvertible(DType dtype) {
    if (!isConvertible(dtype)) {
      throw new IllegalArgumentException(dtype + " does not widen to float");
    }
  }
}
