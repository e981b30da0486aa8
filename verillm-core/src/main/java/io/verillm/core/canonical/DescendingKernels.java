package io.verillm.core.canonical;

import io.verillm.core.spi.KernelArguments;

/**
 * An honest fp32 engine whose products add from the last k to the first. Its rounding errors are
 * other ones than canonical arithmetic's and as large, which makes it a second opinion on how far
 * an fp32 engine lies from canonical arithmetic. Immutable and thread-safe.
 *
 * <p>Norms, rotations and attention are canonical: it says nothing about those.
 */
public final class DescendingKernels extends ReorderedKernels {
  /** The name of its arithmetic. */
  public static final String ARITHMETIC = "fp32-seqk-descending-v1";

  /** Makes kernels that work on the calling thread. */
  public DescendingKernels() {
    super(false);
  }

  @Override
  public String name() {
    return "java-descending";
  }

  @Override
  public String arithmetic() {
    return ARITHMETIC;
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    Matrix matrix = host(w);
    KernelArguments.requireGemm(x, rows, w, y);
    int depth = matrix.inputs();
    float[][] weights = new float[depth][];
    float[][] operands = new float[rows][depth];
    for (int k = 0; k < depth; k++) {
      weights[k] = matrix.byInput[depth - 1 - k];
      for (int r = 0; r < rows; r++) {
        operands[r][k] = host(x).rows[r][depth - 1 - k];
      }
    }
    float[][] out = host(y).rows;
    CanonicalGemm.multiply(operands, 0, rows, weights, depth, out, 0, matrix.outputs);
    for (int r = 0; matrix.bias != null && r < rows; r++) {
      for (int j = 0; j < matrix.outputs; j++) {
        out[r][j] = out[r][j] + matrix.bias[j];
      }
    }
  }
}
