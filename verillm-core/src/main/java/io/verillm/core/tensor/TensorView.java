package io.verillm.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A borrowed, read-only look at a dense row-major tensor. It owns nothing and has no {@code close}:
 * it dies with the memory behind it.
 *
 * <p>Elements are little-endian. Not thread-safe while its owner writes.
 */
public final class TensorView {
  private final DType dtype;
  private final Shape shape;
  private final ByteBuffer data;

  private TensorView(DType dtype, Shape shape, ByteBuffer data) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  /**
   * Views the bytes between the buffer's position and its limit.
   *
   * @throws IllegalArgumentException if their number is not what type and shape need
   */
  public static TensorView of(DType dtype, Shape shape, ByteBuffer bytes) {
    Objects.requireNonNull(dtype, "dtype");
    long needed = Math.multiplyExact(shape.elements(), dtype.bytes());
    if (bytes.remaining() != needed) {
      throw new IllegalArgumentException(
          dtype + shape.toString() + " needs " + needed + " bytes, has " + bytes.remaining());
    }
    return new TensorView(
        dtype, shape, bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Copies floats into a fresh view of type F32. */
  public static TensorView copyOf(Shape shape, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return of(DType.F32, shape, bytes);
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Lengths of the axes. */
  public Shape shape() {
    return shape;
  }

  /** The bytes, little-endian, read-only; position and limit belong to the caller. */
  public ByteBuffer bytes() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes per slice along the outermost axis. */
  public int rowBytes() {
    if (shape.rank() == 0 || shape.dimension(0) == 0) {
      return 0;
    }
    return Math.toIntExact(data.capacity() / shape.dimension(0));
  }

  /** The {@code index}-th slice along the outermost axis, with that axis removed. */
  public TensorView row(int index) {
    long[] all = shape.toArray();
    long[] inner = java.util.Arrays.copyOfRange(all, 1, all.length);
    int width = rowBytes();
    return new TensorView(
        dtype,
        Shape.of(inner),
        data.slice(Math.multiplyExact(index, width), width).order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Copies all elements of an F32 view.
   *
   * @throws IllegalStateException if the type is another one
   */
  public float[] toFloats() {
    if (dtype != DType.F32) {
      throw new IllegalStateException("expected F32, this view is " + dtype);
    }
    float[] values = new float[Math.toIntExact(shape.elements())];
    bytes().asFloatBuffer().get(values);
    return values;
  }
}
