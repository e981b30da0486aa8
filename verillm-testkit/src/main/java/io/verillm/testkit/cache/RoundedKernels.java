package io.verillm.testkit.cache;

import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.tensor.BFloat16;
import io.verillm.testkit.DelegatingKernels;

/**
 * An honest engine that sums in one order and rounds every result to bfloat16: the numeric class of
 * {@code SplitKKernels} with another order of additions, as one engine's prefill and decode kernels
 * are.
 */
public final class RoundedKernels extends DelegatingKernels {
  /** The name of its arithmetic. */
  public static final String ARITHMETIC = "bf16-seqk-v1";

  /** Makes kernels over ones that compute in F32. */
  public RoundedKernels(ArithmeticKernels base) {
    super(base);
  }

  @Override
  public String arithmetic() {
    return ARITHMETIC;
  }

  @Override
  public String dtype() {
    return "BF16";
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    base.gemm(x, rows, w, y);
    round(y, rows);
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    base.rmsNorm(x, rows, weight, epsilon, y);
    round(y, rows);
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    base.rope(x, rows, firstPosition, table);
    round(x, rows);
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    base.swiGlu(gate, up, rows, y);
    round(y, rows);
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    base.add(x, rows, delta);
    round(x, rows);
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
    round(out, rows);
  }

  private void round(RowBlock block, int rows) {
    float[] row = new float[block.width()];
    for (int r = 0; r < rows; r++) {
      base.get(block, r, row, 0);
      for (int i = 0; i < row.length; i++) {
        row[i] = BFloat16.round(row[i]);
      }
      base.put(row, 0, block, r);
    }
  }
}
