package io.verillm.tensorcommit;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A box in a tensor: an entry, a row, a slice along any axis, a block. Compared by content.
 * Immutable.
 */
public final class Region {
  private final long[] start;
  private final long[] count;

  private Region(long[] start, long[] count) {
    this.start = start;
    this.count = count;
  }

  /**
   * A block.
   *
   * @param start first index along each axis
   * @param count length along each axis, at least 1
   */
  public static Region block(long[] start, long[] count) {
    if (start.length != count.length || start.length < 1 || start.length > Shape.MAX_RANK) {
      throw new IllegalArgumentException("a block of " + start.length + " axes");
    }
    for (int i = 0; i < start.length; i++) {
      if (start[i] < 0 || count[i] < 1 || start[i] > Integer.MAX_VALUE - count[i]) {
        throw new IllegalArgumentException("axis " + i + ": " + start[i] + " + " + count[i]);
      }
    }
    return new Region(start.clone(), count.clone());
  }

  /** One entry. */
  public static Region entry(long... index) {
    long[] one = new long[index.length];
    Arrays.fill(one, 1);
    return block(index, one);
  }

  /** A row: all of the last axis at an index of the others. */
  public static Region row(Shape shape, long... index) {
    long[] start = Arrays.copyOf(index, index.length + 1);
    long[] count = new long[start.length];
    Arrays.fill(count, 1);
    count[count.length - 1] = shape.dimension(shape.rank() - 1);
    return block(start, count);
  }

  /** All of a tensor at one index of one axis. */
  public static Region slice(Shape shape, int axis, long index) {
    long[] start = new long[shape.rank()];
    long[] count = shape.toArray();
    start[axis] = index;
    count[axis] = 1;
    return block(start, count);
  }

  /** A whole tensor. */
  public static Region all(Shape shape) {
    return block(new long[shape.rank()], shape.toArray());
  }

  /**
   * Reads a region as people write it: one item per axis with commas between, {@code 7} for an
   * index, {@code 3:9} for 3 to 8, {@code 3:} from 3 on, {@code :9} up to 8, {@code :} for all.
   *
   * @throws IllegalArgumentException if the text is no region of a tensor of the shape
   */
  public static Region parse(String text, Shape shape) {
    String[] items = text.split(",", -1);
    if (items.length != shape.rank()) {
      throw new IllegalArgumentException(
          text
              + " has "
              + items.length
              + " axes, a tensor of shape "
              + shape
              + " has "
              + shape.rank());
    }
    long[] start = new long[items.length];
    long[] count = new long[items.length];
    for (int axis = 0; axis < items.length; axis++) {
      String item = items[axis].strip();
      int colon = item.indexOf(':');
      try {
        String from = colon < 0 ? item : item.substring(0, colon);
        String to = colon < 0 ? item : item.substring(colon + 1);
        start[axis] = from.isEmpty() && colon == 0 ? 0 : Integer.parseInt(from);
        long end =
            to.isEmpty() && colon >= 0
                ? shape.dimension(axis)
                : Integer.parseInt(to) + (colon < 0 ? 1L : 0L);
        count[axis] = end - start[axis];
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "axis " + axis + " of " + text + ": '" + item + "' is no index and no range", e);
      }
    }
    Region region = block(start, count);
    if (!region.isIn(shape)) {
      throw new IllegalArgumentException(text + " is not in a tensor of shape " + shape);
    }
    return region;
  }

  /** Number of axes. */
  public int rank() {
    return start.length;
  }

  /** First index along an axis. */
  public long start(int axis) {
    return start[axis];
  }

  /** Length along an axis. */
  public long count(int axis) {
    return count[axis];
  }

  /** Number of elements. */
  public long elements() {
    long product = 1;
    for (long length : count) {
      product = Math.multiplyExact(product, length);
    }
    return product;
  }

  /** Whether it lies inside a tensor of the shape. */
  public boolean isIn(Shape shape) {
    if (shape.rank() != start.length) {
      return false;
    }
    for (int i = 0; i < start.length; i++) {
      if (start[i] > shape.dimension(i) - count[i]) {
        return false;
      }
    }
    return true;
  }

  /** Calls with every index in row-major order; the array is the callee's to read only. */
  void forEach(Consumer<long[]> consumer) {
    long[] index = start.clone();
    while (true) {
      consumer.accept(index);
      int axis = index.length - 1;
      while (axis >= 0 && index[axis] == start[axis] + count[axis] - 1) {
        index[axis] = start[axis];
        axis--;
      }
      if (axis < 0) {
        return;
      }
      index[axis]++;
    }
  }

  /**
   * Copies the region's elements out of a tensor.
   *
   * @return raw little-endian bytes in row-major order
   * @throws IllegalArgumentException if the region leaves the tensor
   */
  public byte[] read(TensorView tensor) {
    if (!isIn(tensor.shape())) {
      throw new IllegalArgumentException(this + " is not in a tensor of shape " + tensor.shape());
    }
    int last = count.length - 1;
    int size = tensor.dtype().bytes();
    int length = Math.toIntExact(count[last] * size);
    byte[] out = new byte[Math.toIntExact(elements() * size)];
    ByteBuffer bytes = tensor.bytes();
    int[] at = {0};
    runs()
        .forEach(
            index -> {
              bytes.get((int) flat(tensor.shape(), index) * size, out, at[0], length);
              at[0] += length;
            });
    return out;
  }

  /** The first element of each run along the last axis. */
  Region runs() {
    long[] one = count.clone();
    one[one.length - 1] = 1;
    return new Region(start, one);
  }

  /** Row-major number of an index. */
  static long flat(Shape shape, long[] index) {
    long flat = 0;
    for (int i = 0; i < index.length; i++) {
      flat = flat * shape.dimension(i) + index[i];
    }
    return flat;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Region that
        && Arrays.equals(start, that.start)
        && Arrays.equals(count, that.count);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(start) * 31 + Arrays.hashCode(count);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < start.length; i++) {
      text.append(i == 0 ? "" : ", ").append(start[i]);
      if (count[i] != 1) {
        text.append(':').append(start[i] + count[i]);
      }
    }
    return text.append(']').toString();
  }
}
