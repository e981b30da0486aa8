package io.verillm.core.canonical;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.KernelArguments;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Canonical arithmetic in plain Java: the definition that every other canonical provider has to
 * match bit for bit. Immutable and thread-safe.
 */
public final class CanonicalKernels extends HostKernels {
  private final @Nullable Executor executor;
  private final int threads;

  private CanonicalKernels(@Nullable Executor executor, int threads) {
    this.executor = executor;
    this.threads = threads;
  }

  /** Kernels that work on the calling thread. */
  public static CanonicalKernels singleThreaded() {
    return new CanonicalKernels(null, 1);
  }

  /**
   * Kernels that share an operation among up to {@code threads} threads, the caller's among them.
   * The number changes no bit.
   */
  public static CanonicalKernels parallel(Executor executor, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads);
    }
    return new CanonicalKernels(Objects.requireNonNull(executor, "executor"), threads);
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String arithmetic() {
    return ExecutionClass.CANONICAL_ARITHMETIC;
  }

  @Override
  public String dtype() {
    return "F32";
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    Matrix matrix = host(w);
    KernelArguments.requireGemm(x, rows, w, y);
    float[][] from = host(x).rows;
    float[][] to = host(y).rows;
    int parts = parts(matrix.outputs, (long) rows * matrix.inputs());
    Tasks.run(
        executor,
        threads,
        parts,
        part -> {
          int start = boundary(matrix.outputs, part, parts);
          int end = boundary(matrix.outputs, part + 1, parts);
          CanonicalGemm.multiply(from, 0, rows, matrix.byInput, matrix.inputs(), to, start, end);
          if (matrix.bias != null) {
            for (int r = 0; r < rows; r++) {
              addInto(to[r], matrix.bias, start, end);
            }
          }
        });
  }

  /** As many parts as threads, unless the work is too small to be worth a hand-over. */
  private int parts(int outputs, long stepsPerOutput) {
    long worth = outputs * stepsPerOutput / 100_000;
    return (int) Math.max(1, Math.min(Math.min(threads, outputs / 64), worth));
  }

  private static int boundary(int outputs, int part, int parts) {
    return part == parts ? outputs : (int) ((long) outputs * part / parts) / 16 * 16;
  }

  private static void addInto(float[] x, float[] delta, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = x[i] + delta[i];
    }
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    float[] w = host(weight).values;
    KernelArguments.requireNorm(x, rows, weight, y);
    for (int r = 0; r < rows; r++) {
      for (int at = 0; at < x.width(); at += w.length) {
        CanonicalMath.rmsNorm(host(x).rows[r], host(y).rows[r], at, w.length, w, epsilon);
      }
    }
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    KernelArguments.requireRope(x, rows, firstPosition, table.headDim());
    for (int r = 0; r < rows; r++) {
      table.rotate(host(x).rows[r], x.width(), firstPosition + r);
    }
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    KernelArguments.requireSwiGlu(gate, up, rows, y);
    int n = gate.width();
    float[] negated = new float[n];
    float[] exponential = new float[n];
    float[] scratch = new float[n];
    for (int r = 0; r < rows; r++) {
      float[] g = host(gate).rows[r];
      float[] u = host(up).rows[r];
      float[] out = host(y).rows[r];
      for (int i = 0; i < n; i++) {
        negated[i] = -g[i];
      }
      CanonicalMath.exp(negated, exponential, scratch, 0, n);
      for (int i = 0; i < n; i++) {
        out[i] = (g[i] / (1.0f + exponential[i])) * u[i];
      }
    }
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    KernelArguments.requireAdd(x, rows, delta);
    for (int r = 0; r < rows; r++) {
      addInto(host(x).rows[r], host(delta).rows[r], 0, x.width());
    }
  }

  @Override
  public void softmax(RowBlock x, int rows, int n) {
    KernelArguments.requireSoftmax(x, rows, n);
    for (int r = 0; r < rows; r++) {
      CanonicalMath.softmax(host(x).rows[r], n);
    }
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
    KernelArguments.requireAttention(queries, rows, firstPosition, keys, values, headDim, out);
    int heads = queries.width() / headDim;
    int groups = keys.width() / headDim;
    long steps = 2L * rows * (firstPosition + rows) * queries.width();
    int parts = (int) Math.max(1, Math.min(Math.min(threads, heads), steps / 100_000));
    Tasks.run(
        executor,
        threads,
        parts,
        part -> {
          CanonicalAttention attention = new CanonicalAttention(headDim, values.width());
          for (int head = heads * part / parts; head < heads * (part + 1) / parts; head++) {
            attention.attend(
                host(queries).rows,
                head * headDim,
                rows,
                firstPosition,
                host(keys).rows,
                host(values).rows,
                head / (heads / groups) * headDim,
                host(out).rows);
          }
        });
  }
}
