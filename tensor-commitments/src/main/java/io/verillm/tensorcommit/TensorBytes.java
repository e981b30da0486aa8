package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A copy of a tensor's elements that can be read, changed and extended by regions. */
final class TensorBytes {
  private final DType dtype;
  private Shape shape;
  private byte[] data;

  TensorBytes(TensorView tensor) {
    TensorStatement.requireShape(tensor.shape());
    this.dtype = tensor.dtype();
    this.shape = tensor.shape();
    this.data = new byte[tensor.bytes().remaining()];
    tensor.bytes().get(data);
  }

  DType dtype() {
    return dtype;
  }

  Shape shape() {
    return shape;
  }

  byte[] data() {
    return data;
  }

  byte[] read(Region region) {
    return region.read(TensorView.of(dtype, shape, ByteBuffer.wrap(data)));
  }

  void write(Region region, byte[] values) {
    requireIn(region);
    if (values.length != region.elements() * dtype.bytes()) {
      throw new IllegalArgumentException(values.length + " bytes for " + region);
    }
    int length = Math.toIntExact(region.count(region.rank() - 1) * dtype.bytes());
    int[] at = {0};
    region
        .runs()
        .forEach(
            index -> {
              int to = (int) Region.flat(shape, index) * dtype.bytes();
              System.arraycopy(values, at[0], data, to, length);
              at[0] += length;
            });
  }

  void append(TensorView rows) {
    long[] dimensions = shape.toArray();
    long[] added = rows.shape().toArray();
    boolean fits = rows.dtype() == dtype && added.length == dimensions.length;
    for (int axis = 1; fits && axis < added.length; axis++) {
      fits = added[axis] == dimensions[axis];
    }
    if (!fits || added[0] < 1) {
      throw new IllegalArgumentException(
          "cannot append " + rows.dtype() + rows.shape() + " to " + dtype + shape);
    }
    dimensions[0] = Math.addExact(dimensions[0], added[0]);
    Shape larger = Shape.of(dimensions);
    TensorStatement.requireShape(larger);
    byte[] all = Arrays.copyOf(data, Math.toIntExact(larger.elements() * dtype.bytes()));
    rows.bytes().get(all, data.length, all.length - data.length);
    data = all;
    shape = larger;
  }

  long cell(long element) {
    return ElementCodec.cell(dtype, data, (int) element * dtype.bytes());
  }

  void requireIn(Region region) {
    if (!region.isIn(shape)) {
      throw new IllegalArgumentException(region + " is not in a tensor of shape " + shape);
    }
  }

  static void requireNumbers(DType dtype, byte[] values) {
    if (ElementCodec.hasNan(dtype, values)) {
      throw new IllegalArgumentException("an element is not a number");
    }
  }
}
