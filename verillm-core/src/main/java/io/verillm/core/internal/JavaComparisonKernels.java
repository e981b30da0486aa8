package io.verillm.core.internal;

import io.verillm.core.sampling.Philox4x32;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.util.ArrayList;
import java.util.List;

/** {@link ComparisonKernels} in plain Java. */
final class JavaComparisonKernels implements ComparisonKernels {
  private static final double SCALE = 0x1p16;

  @Override
  public List<RowDifference> rowDifference(
      DType dtype, BufferView claimed, BufferView rerun, int[] segmentEnds) {
    requireHost(claimed);
    requireHost(rerun);
    int width = elementsPerRow(dtype, claimed);
    if (claimed.rows() != rerun.rows() || claimed.rowBytes() != rerun.rowBytes()) {
      throw new IllegalArgumentException("cannot compare " + claimed + " with " + rerun);
    }
    requireSegments(segmentEnds, claimed.rows());
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
    requireHost(rows);
    int width = elementsPerRow(dtype, rows);
    if (outputs < 1 || outputs > MAX_SKETCH) {
      throw new IllegalArgumentException(outputs + " outputs are not in 1.." + MAX_SKETCH);
    }
    long[] sketches = new long[Math.multiplyExact(rows.rows(), outputs)];
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

  private static int elementsPerRow(DType dtype, BufferView view) {
    if (!RowDifference.isComparable(dtype) || view.rowBytes() % dtype.bytes() != 0) {
      throw new IllegalArgumentException(view + " are no rows of BF16, F16 or F32: " + dtype);
    }
    return view.rowBytes() / dtype.bytes();
  }

  private static void requireSegments(int[] ends, int rows) {
    int previous = 0;
    for (int end : ends) {
      if (end <= previous) {
        throw new IllegalArgumentException("segment end " + end + " does not ascend");
      }
      previous = end;
    }
    if (previous != rows) {
      throw new IllegalArgumentException("segments end at " + previous + " of " + rows + " rows");
    }
  }
}
