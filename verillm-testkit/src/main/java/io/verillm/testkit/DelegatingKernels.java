package io.verillm.testkit;

import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.spi.ArithmeticKernels;
import org.jspecify.annotations.Nullable;

/** Passes everything on, its name included: an engine that deviates does not say so. */
public abstract class DelegatingKernels implements ArithmeticKernels {
  /** The kernels that do the work. */
  protected final ArithmeticKernels base;

  /** Passes on to other kernels, which are closed with these. */
  protected DelegatingKernels(ArithmeticKernels base) {
    this.base = base;
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public String arithmetic() {
    return base.arithmetic();
  }

  @Override
  public String dtype() {
    return base.dtype();
  }

  @Override
  public String device() {
    return base.device();
  }

  @Override
  public WeightMatrix matrix(
      int inputs, int outputs, WeightSource source, float @Nullable [] bias) {
    return base.matrix(inputs, outputs, source, bias);
  }

  @Override
  public WeightVector vector(float[] values) {
    return base.vector(values);
  }

  @Override
  public RowBlock allocate(int capacity, int width) {
    return base.allocate(capacity, width);
  }

  @Override
  public void put(float[] values, int offset, RowBlock target, int row) {
    base.put(values, offset, target, row);
  }

  @Override
  public void get(RowBlock source, int row, float[] values, int offset) {
    base.get(source, row, values, offset);
  }

  @Override
  public void getOutput(WeightMatrix matrix, int output, float[] values) {
    base.getOutput(matrix, output, values);
  }

  @Override
  public void copy(RowBlock source, int from, RowBlock target, int to, int count) {
    base.copy(source, from, target, to, count);
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    base.gemm(x, rows, w, y);
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    base.rmsNorm(x, rows, weight, epsilon, y);
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    base.rope(x, rows, firstPosition, table);
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    base.swiGlu(gate, up, rows, y);
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    base.add(x, rows, delta);
  }

  @Override
  public void softmax(RowBlock x, int rows, int n) {
    base.softmax(x, rows, n);
  }

  @Override
  public void attention(
      RowBlock queries,
      int rows,
      int firstPosition,
      RowBlock keys,
      RowBlock values,
      int headDim,
      RowBlock out) {
    base.attention(queries, rows, firstPosition, keys, values, headDim, out);
  }

  @Override
  public void close() {
    base.close();
  }
}
