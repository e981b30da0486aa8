package io.verillm.core.spi;

import io.verillm.core.spi.ArithmeticKernels.RowBlock;
import io.verillm.core.spi.ArithmeticKernels.WeightMatrix;
import io.verillm.core.spi.ArithmeticKernels.WeightVector;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.TraceLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every provider of kernels refuses, in one place, so that providers refuse alike. Each method
 * throws {@link IllegalArgumentException} for arguments that no provider takes; which memories a
 * provider can read is its own to say. Stateless.
 */
public final class KernelArguments {
  private KernelArguments() {}

  /**
   * Checks {@link CommitKernels#commitRows}.
   *
   * @return the number of positions
   */
  public static int requireCommit(
      TraceLayout layout, int firstPosition, List<BufferView> rows, byte[] salts) {
    requireViews(layout, rows);
    int positions = rows.get(0).rows();
    for (BufferView view : rows) {
      if (view.rows() != positions) {
        throw new IllegalArgumentException(
            "views of " + positions + " and of " + view.rows() + " positions");
      }
    }
    requirePositions(firstPosition, positions);
    requireSalts(layout, positions, salts);
    return positions;
  }

  /**
   * Checks {@link CommitKernels#gatherAndHash}.
   *
   * @return the row of each position in every view
   */
  public static int[] requireGather(
      TraceLayout layout,
      int firstPosition,
      int positions,
      List<BufferView> pages,
      int[] blockTable,
      int positionsPerBlock,
      byte[] salts) {
    requireViews(layout, pages);
    if (positions < 0 || positionsPerBlock < 1) {
      throw new IllegalArgumentException(
          positions + " positions in blocks of " + positionsPerBlock);
    }
    requirePositions(firstPosition, positions);
    requireSalts(layout, positions, salts);
    int[] slots = new int[positions];
    for (int i = 0; i < positions; i++) {
      int position = firstPosition + i;
      int entry = position / positionsPerBlock;
      if (entry >= blockTable.length) {
        throw new IllegalArgumentException(
            "position " + position + " is beyond a table of " + blockTable.length + " blocks");
      }
      long slot = (long) blockTable[entry] * positionsPerBlock + position % positionsPerBlock;
      for (BufferView page : pages) {
        if (slot < 0 || slot >= page.rows()) {
          throw new IllegalArgumentException(
              "block " + blockTable[entry] + " is not in a cache of " + page.rows() + " rows");
        }
      }
      slots[i] = (int) slot;
    }
    return slots;
  }

  /** Checks {@link CommitKernels#gatherRows}. */
  public static void requireRowsOf(BufferView view, int[] indices) {
    for (int index : indices) {
      if (index < 0 || index >= view.rows()) {
        throw new IllegalArgumentException("row " + index + " is not in " + view);
      }
    }
    requireArray(indices.length, view.rowBytes());
  }

  /** Checks that there is a view of the right width for each row of a layout. */
  public static void requireViews(TraceLayout layout, List<BufferView> views) {
    if (views.size() != layout.rows().size()) {
      throw new IllegalArgumentException(
          views.size() + " views for " + layout.rows().size() + " rows");
    }
    for (TraceLayout.Row row : layout.rows()) {
      BufferView view = views.get(row.index());
      if (view.rowBytes() != row.rowBytes()) {
        throw new IllegalArgumentException(
            row.key() + " has " + row.rowBytes() + " bytes, the view " + view.rowBytes());
      }
    }
  }

  private static void requirePositions(int firstPosition, int positions) {
    if (firstPosition < 0 || firstPosition > Integer.MAX_VALUE - positions) {
      throw new IllegalArgumentException(positions + " positions from " + firstPosition);
    }
  }

  private static void requireSalts(TraceLayout layout, int positions, byte[] salts) {
    long needed = (long) positions * layout.leavesPerToken() * ChunkLeaf.SALT_BYTES;
    if (salts.length != needed) {
      throw new IllegalArgumentException(
          positions + " positions need " + needed + " bytes of salts, got " + salts.length);
    }
  }

  /** Checks {@link ComparisonKernels#rowDifference}. */
  public static void requireDifference(
      DType dtype, BufferView claimed, BufferView rerun, int[] segmentEnds) {
    requireElements(dtype, claimed);
    if (claimed.rows() != rerun.rows() || claimed.rowBytes() != rerun.rowBytes()) {
      throw new IllegalArgumentException("cannot compare " + claimed + " with " + rerun);
    }
    int previous = 0;
    for (int end : segmentEnds) {
      if (end <= previous) {
        throw new IllegalArgumentException("segment end " + end + " does not ascend");
      }
      previous = end;
    }
    if (previous != claimed.rows()) {
      throw new IllegalArgumentException(
          "segments end at " + previous + " of " + claimed.rows() + " rows");
    }
  }

  /**
   * Checks {@link ComparisonKernels#sketch}.
   *
   * @return elements per row
   */
  public static int requireSketch(DType dtype, BufferView rows, int outputs) {
    int width = requireElements(dtype, rows);
    requireRange("outputs", outputs, ComparisonKernels.MAX_SKETCH);
    requireArray(rows.rows(), outputs);
    return width;
  }

  /**
   * Checks {@link ComparisonKernels#largest}.
   *
   * @return elements per row
   */
  public static int requireLargest(DType dtype, BufferView rows, int count) {
    int width = requireElements(dtype, rows);
    requireRange("largest elements", count, Math.min(width, ComparisonKernels.MAX_LARGEST));
    requireArray(rows.rows(), count);
    return width;
  }

  private static void requireArray(int rows, int width) {
    if ((long) rows * width > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(rows + " × " + width + " results do not fit an array");
    }
  }

  private static void requireRange(String what, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(value + " " + what + " are not in 1.." + most);
    }
  }

  private static int requireElements(DType dtype, BufferView view) {
    if (!RowDifference.isComparable(dtype) || view.rowBytes() % dtype.bytes() != 0) {
      throw new IllegalArgumentException(view + " are no rows of BF16, F16 or F32: " + dtype);
    }
    return view.rowBytes() / dtype.bytes();
  }

  /** Checks {@link ArithmeticKernels#matrix}. */
  public static void requireMatrix(int inputs, int outputs, float @Nullable [] bias) {
    if (inputs < 1 || outputs < 1) {
      throw new IllegalArgumentException("matrix of " + inputs + " x " + outputs);
    }
    if (bias != null && bias.length != outputs) {
      throw new IllegalArgumentException("bias of " + bias.length + " for " + outputs);
    }
  }

  /** Checks {@link ArithmeticKernels#allocate}. */
  public static void requireBlock(int capacity, int width) {
    if (capacity < 1 || width < 1) {
      throw new IllegalArgumentException("block of " + capacity + " x " + width);
    }
  }

  /** Checks {@link ArithmeticKernels#gemm}. */
  public static void requireGemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    requireWidth(w.inputs(), x, "x");
    requireWidth(w.outputs(), y, "y");
    requireRows(rows, x, y);
  }

  /** Checks {@link ArithmeticKernels#rmsNorm}. */
  public static void requireNorm(RowBlock x, int rows, WeightVector weight, RowBlock y) {
    if (x.width() % weight.length() != 0) {
      throw new IllegalArgumentException("norm of " + weight.length() + " in rows of " + x.width());
    }
    requireWidth(x.width(), y, "y");
    requireRows(rows, x, y);
  }

  /** Checks {@link ArithmeticKernels#rope}. */
  public static void requireRope(RowBlock x, int rows, int firstPosition, int headDim) {
    requireRows(rows, x);
    requirePositions(firstPosition, rows);
    if (x.width() % headDim != 0) {
      throw new IllegalArgumentException("heads of " + headDim + " in rows of " + x.width());
    }
  }

  /** Checks {@link ArithmeticKernels#swiGlu}. */
  public static void requireSwiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    requireWidth(gate.width(), up, "up");
    requireWidth(gate.width(), y, "y");
    requireRows(rows, gate, up, y);
  }

  /** Checks {@link ArithmeticKernels#add}. */
  public static void requireAdd(RowBlock x, int rows, RowBlock delta) {
    requireWidth(x.width(), delta, "delta");
    requireRows(rows, x, delta);
  }

  /** Checks {@link ArithmeticKernels#softmax}. */
  public static void requireSoftmax(RowBlock x, int rows, int n) {
    requireRows(rows, x);
    if (n < 1 || n > x.width()) {
      throw new IllegalArgumentException("softmax of " + n + " of " + x.width() + " elements");
    }
  }

  /** Checks {@link ArithmeticKernels#attention}. */
  public static void requireAttention(
      RowBlock queries,
      int rows,
      int firstPosition,
      RowBlock keys,
      RowBlock values,
      int headDim,
      RowBlock out) {
    requireWidth(queries.width(), out, "out");
    requireWidth(keys.width(), values, "values");
    requireRows(rows, queries, out);
    requirePositions(firstPosition, rows);
    requireRows(firstPosition + rows, keys, values);
    int heads = headDim < 1 ? 0 : queries.width() / headDim;
    int groups = headDim < 1 ? 0 : keys.width() / headDim;
    if (groups == 0
        || heads * headDim != queries.width()
        || groups * headDim != keys.width()
        || heads % groups != 0) {
      throw new IllegalArgumentException(
          "heads of "
              + headDim
              + " in queries of "
              + queries.width()
              + ", keys of "
              + keys.width());
    }
  }

  private static void requireRows(int rows, RowBlock... blocks) {
    for (RowBlock block : blocks) {
      if (rows < 0 || rows > block.capacity()) {
        throw new IllegalArgumentException(rows + " rows of a block of " + block.capacity());
      }
    }
  }

  private static void requireWidth(int expected, RowBlock block, String what) {
    if (block.width() != expected) {
      throw new IllegalArgumentException(
          what + " has rows of " + block.width() + ", not of " + expected);
    }
  }
}
