package io.verillm.core.canonical;

import io.verillm.core.spi.KernelArguments;
import io.verillm.core.tensor.BFloat16;

/**
 * An honest engine of another numeric class: sums over k in four partial sums that are added
 * pairwise, and every result rounded to bfloat16, as accelerators do, or left in fp32. Immutable
 * and thread-safe.
 *
 * <p>It is what tolerance is calibrated and tested against. Its rows differ from canonical ones in
 * nearly every element and are no deviation.
 */
public final class SplitKKernels extends ReorderedKernels {
  /** The name of its arithmetic when it rounds. */
  public static final String ARITHMETIC = "bf16-split4-v1";

  /** The name of its arithmetic when it does not. */
  public static final String FP32_ARITHMETIC = "fp32-split4-v1";

  private static final int PARTS = 4;

  /** Makes rounding kernels that work on the calling thread. */
  public SplitKKernels() {
    this(true);
  }

  private SplitKKernels(boolean rounds) {
    super(rounds);
  }

  /** Kernels that keep fp32 results: only the order of sums differs from canonical arithmetic. */
  public static SplitKKernels fp32() {
    return new SplitKKernels(false);
  }

  @Override
  public String name() {
    return rounds ? "java-split4" : "java-split4-fp32";
  }

  @Override
  public String arithmetic() {
    return rounds ? ARITHMETIC : FP32_ARITHMETIC;
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    Matrix matrix = host(w);
    KernelArguments.requireGemm(x, rows, w, y);
    int depth = matrix.inputs();
    float[][][] partial = new float[PARTS][rows][matrix.outputs];
    for (int part = 0; part < PARTS; part++) {
      int from = depth * part / PARTS;
      int to = depth * (part + 1) / PARTS;
      float[][] slice = java.util.Arrays.copyOfRange(matrix.byInput, from, to);
      CanonicalGemm.multiply(
          host(x).rows, from, rows, slice, to - from, partial[part], 0, matrix.outputs);
    }
    for (int r = 0; r < rows; r++) {
      float[] out = host(y).rows[r];
      for (int j = 0; j < matrix.outputs; j++) {
        float sum = (partial[0][r][j] + partial[1][r][j]) + (partial[2][r][j] + partial[3][r][j]);
        float biased = matrix.bias == null ? sum : sum + matrix.bias[j];
        out[j] = rounds ? BFloat16.round(biased) : biased;
      }
    }
  }
}
