package io.verillm.core.canonical;

import io.verillm.core.tensor.BFloat16;

/**
 * Canonical operations but for the products, whose order of additions a subclass chooses; every
 * result may be rounded to bfloat16.
 */
abstract class ReorderedKernels extends HostKernels {
  private final CanonicalKernels canonical = CanonicalKernels.singleThreaded();
  final boolean rounds;

  ReorderedKernels(boolean rounds) {
    this.rounds = rounds;
  }

  @Override
  public String dtype() {
    return rounds ? "BF16" : "F32";
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    canonical.rmsNorm(x, rows, weight, epsilon, y);
    round(y, rows);
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    canonical.rope(x, rows, firstPosition, table);
    round(x, rows);
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    canonical.swiGlu(gate, up, rows, y);
    round(y, rows);
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    canonical.add(x, rows, delta);
    round(x, rows);
  }

  @Override
  public void softmax(RowBlock x, int rows, int n) {
    canonical.softmax(x, rows, n);
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
    canonical.attention(queries, rows, firstPosition, keys, values, headDim, out);
    round(out, rows);
  }

  private void round(RowBlock block, int rows) {
    for (int r = 0; r < rows && rounds; r++) {
      float[] row = host(block).rows[r];
      for (int i = 0; i < row.length; i++) {
        row[i] = BFloat16.round(row[i]);
      }
    }
  }
}
