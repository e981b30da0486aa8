package io.verillm.core.internal;

import io.verillm.core.sampling.Philox4x32;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.KernelArguments;
import io.verillm.core.spi.LargestElements;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@link ComparisonKernels} in plain Java. */
final class JavaComparisonKernels implements ComparisonKernels {
  private static final double SCALE = 0x1p16;

  @Override
  public List<RowDifference> rowDifference(
      DType dtype, BufferView claimed, BufferView rerun, int[] segmentEnds) {
    KernelArguments.requireDifference(dtype, claimed, rerun, segmentEnds);
    requireHost(claimed);
    requireHost(rerun);
    int width = claimed.rowBytes() / dtype.bytes();
    List<RowDifference> differences = new ArrayList<>();
    int row = 0;
    for (int end : segmentEnds) {
      RowDifference sum = RowDifference.none();
      for (; row < end; row++) {
        sum =
            sum.plus(
                RowDifference.compare(
                    view(dtype, width, claimed, row), view(dtype, width, rerun, row)));
      }
      differences.add(sum);
    }
    return List.copyOf(differences);
  }

  @Override
  public long[] sketch(DType dtype, BufferView rows, long key, int outputs) {
    int width = KernelArguments.requireSketch(dtype, rows, outputs);
    requireHost(rows);
    long[] sketches = new long[rows.rows() * outputs];
    float[] values = new float[width];
    long[] fixed = new long[width];
    int[] signs = new int[(width + 127) / 128 * 4];
    for (int row = 0; row < rows.rows(); row++) {
      FloatTensors.toFloats(view(dtype, width, rows, row), 0, values, 0, width);
      for (int i = 0; i < width; i++) {
        fixed[i] = fixedPoint(values[i]);
      }
      for (int output = 0; output < outputs; output++) {
        for (int block = 0; block < signs.length / 4; block++) {
          Philox4x32.block(
              block, output, 0, SKETCH_DOMAIN, (int) key, (int) (key >>> 32), signs, block * 4);
        }
        sketches[row * outputs + output] = project(fixed, signs);
      }
    }
    return sketches;
  }

  @Override
  public LargestElements largest(DType dtype, BufferView rows, int count) {
    int width = KernelArguments.requireLargest(dtype, rows, count);
    requireHost(rows);
    int[] places = new int[rows.rows() * count];
    int[] bits = new int[places.length];
    long[] order = new long[width];
    for (int row = 0; row < rows.rows(); row++) {
      ByteBuffer bytes = rows.row(row).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < width; i++) {
        // ascending in this is descending in magnitude, then ascending in place
        order[i] = (long) (Integer.MAX_VALUE - magnitude(dtype, bits(dtype, bytes, i))) << 32 | i;
      }
      Arrays.sort(order);
      for (int rank = 0; rank < count; rank++) {
        int place = (int) order[rank];
        places[row * count + rank] = place;
        bits[row * count + rank] = bits(dtype, bytes, place);
      }
    }
    return new LargestElements(rows.rows(), count, places, bits);
  }

  private static int bits(DType dtype, ByteBuffer row, int index) {
    return dtype.bytes() == 4 ? row.getInt(4 * index) : row.getShort(2 * index) & 0xFFFF;
  }

  private static int magnitude(DType dtype, int bits) {
    return bits & (dtype.bytes() == 4 ? 0x7FFFFFFF : 0x7FFF);
  }

  private static long project(long[] fixed, int[] signs) {
    long sum = 0;
    for (int i = 0; i < fixed.length; i++) {
      long flip = -(long) ((signs[i >> 5] >>> (i & 31)) & 1); // 0 or −1
      sum += (fixed[i] ^ flip) - flip;
    }
    return sum;
  }

  private static long fixedPoint(float value) {
    if (Float.isNaN(value)) {
      return 0;
    }
    double scaled = StrictMath.rint(value * SCALE);
    return (long) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, scaled));
  }

  private static TensorView view(DType dtype, int width, BufferView rows, int row) {
    return TensorView.of(dtype, Shape.of(width), rows.row(row));
  }

  private static void requireHost(BufferView view) {
    if (view.kind() == BufferView.Kind.DEVICE) {
      throw new IllegalArgumentException("kernels java cannot read " + view);
    }
  }
}
