package io.verillm.examples.training;

import java.util.Arrays;

/** Values of one parameter outside libtorch, row-major. */
final class WeightTensor {

  private final long[] shape;
  private final float[] values;

  WeightTensor(long[] shape, float[] values) {
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    if (size != values.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
    }
    this.shape = shape.clone();
    this.values = values;
  }

  long[] shape() {
    return shape.clone();
  }

  /** Returns the values themselves, not a copy. */
  float[] values() {
    return values;
  }

  /** Returns rows {@code from} to {@code from + count} of a matrix. */
  WeightTensor rows(int from, int count) {
    int width = (int) shape[1];
    float[] part = Arrays.copyOfRange(values, from * width, (from + count) * width);
    return new WeightTensor(new long[] {count, width}, part);
  }

  /** Returns matrices of equal width below each other. */
  static WeightTensor stack(WeightTensor... parts) {
    int size = Arrays.stream(parts).mapToInt(part -> part.values.length).sum();
    float[] all = new float[size];
    int at = 0;
    for (WeightTensor part : parts) {
      System.arraycopy(part.values, 0, all, at, part.values.length);
      at += part.values.length;
    }
    long width = parts[0].shape[1];
    return new WeightTensor(new long[] {size / width, width}, all);
  }
}
