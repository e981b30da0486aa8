package io.verillm.core.canonical;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.KernelArguments;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operands on the Java heap: one array per row, and for weights one array per input. */
abstract class HostKernels implements ArithmeticKernels {
  /** Outputs that are turned at once at load, so that each target array is touched in lines. */
  private static final int TURNED_AT_ONCE = 32;

  /** {@code k[i][o]} is the weight from input i to output o. */
  static final class Matrix implements WeightMatrix {
    final float[][] byInput;
    final int outputs;
    final float @Nullable [] bias;

    Matrix(float[][] byInput, int outputs, float @Nullable [] bias) {
      this.byInput = byInput;
      this.outputs = outputs;
      this.bias = bias;
    }

    @Override
    public int inputs() {
      return byInput.length;
    }

    @Override
    public int outputs() {
      return outputs;
    }

    @Override
    public void close() {}
  }

  static final class Vector implements WeightVector {
    final float[] values;

    Vector(float[] values) {
      this.values = values;
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public void close() {}
  }

  static final class Rows implements RowBlock {
    final float[][] rows;
    final int width;

    Rows(int capacity, int width) {
      this.rows = new float[capacity][width];
      this.width = width;
    }

    @Override
    public int capacity() {
      return rows.length;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public void close() {}
  }

  @Override
  public String device() {
    return "cpu";
  }

  @Override
  public WeightMatrix matrix(
      int inputs, int outputs, WeightSource source, float @Nullable [] bias) {
    KernelArguments.requireMatrix(inputs, outputs, bias);
    float[][] byInput = new float[inputs][outputs];
    float[] stored = new float[Math.multiplyExact(inputs, TURNED_AT_ONCE)];
    for (int o = 0; o < outputs; o += TURNED_AT_ONCE) {
      int count = Math.min(TURNED_AT_ONCE, outputs - o);
      source.read(o, count, stored);
      for (int i = 0; i < inputs; i++) {
        float[] target = byInput[i];
        for (int c = 0; c < count; c++) {
          target[o + c] = stored[c * inputs + i];
        }
      }
    }
    return new Matrix(byInput, outputs, bias == null ? null : bias.clone());
  }

  @Override
  public WeightVector vector(float[] values) {
    return new Vector(values.clone());
  }

  @Override
  public RowBlock allocate(int capacity, int width) {
    KernelArguments.requireBlock(capacity, width);
    return new Rows(capacity, width);
  }

  @Override
  public void put(float[] values, int offset, RowBlock target, int row) {
    Rows rows = host(target);
    System.arraycopy(values, offset, rows.rows[row], 0, rows.width);
  }

  @Override
  public void get(RowBlock source, int row, float[] values, int offset) {
    Rows rows = host(source);
    System.arraycopy(rows.rows[row], 0, values, offset, rows.width);
  }

  @Override
  public void getOutput(WeightMatrix matrix, int output, float[] values) {
    Matrix host = host(matrix);
    for (int i = 0; i < host.byInput.length; i++) {
      values[i] = host.byInput[i][output];
    }
  }

  @Override
  public void copy(RowBlock source, int from, RowBlock target, int to, int count) {
    Rows s = host(source);
    Rows t = host(target);
    if (s.width != t.width) {
      throw new IllegalArgumentException("widths " + s.width + " and " + t.width);
    }
    for (int r = 0; r < count; r++) {
      System.arraycopy(s.rows[from + r], 0, t.rows[to + r], 0, s.width);
    }
  }

  @Override
  public void close() {}

  static Rows host(RowBlock block) {
    if (Objects.requireNonNull(block, "block") instanceof Rows rows) {
      return rows;
    }
    throw foreign(block);
  }

  static Matrix host(WeightMatrix matrix) {
    if (Objects.requireNonNull(matrix, "matrix") instanceof Matrix host) {
      return host;
    }
    throw foreign(matrix);
  }

  static Vector host(WeightVector vector) {
    if (Objects.requireNonNull(vector, "vector") instanceof Vector host) {
      return host;
    }
    throw foreign(vector);
  }

  private static IllegalArgumentException foreign(Object operand) {
    return new IllegalArgumentException(
        "operand of another provider: " + operand.getClass().getName());
  }
}
