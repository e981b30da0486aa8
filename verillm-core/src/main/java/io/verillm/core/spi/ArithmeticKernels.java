package io.verillm.core.spi;

import io.verillm.core.canonical.RotaryTable;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a transformer forward pass over operands whose memory the provider owns.
 *
 * <p>{@code CanonicalKernels} is the definition. A provider that names {@link
 * io.verillm.core.receipt.ExecutionClass#CANONICAL_ARITHMETIC} gives its bits for every finite
 * input; any other name stands for a numeric class that is judged with calibrated tolerance. Either
 * way an output row depends on its own inputs only, never on how many rows share a call.
 *
 * <p>Thread-safe for calls on distinct row blocks; matrices and vectors are immutable. Operands of
 * another provider are refused with {@link IllegalArgumentException}.
 */
public interface ArithmeticKernels extends AutoCloseable {
  /** Stable name for logs, benchmarks and findings, such as {@code java}. */
  String name();

  /** Name of the arithmetic, which goes into the execution class. */
  String arithmetic();

  /** Type that activations are rounded to, a safetensors name. */
  String dtype();

  /** Where the work is done, such as {@code cpu}. */
  String device();

  /** Weights of one projection, made once and read by many calls. */
  interface WeightMatrix extends AutoCloseable {
    /** Elements of an input row. */
    int inputs();

    /** Elements of an output row. */
    int outputs();

    @Override
    void close();
  }

  /** One vector of weights, such as those of a norm. */
  interface WeightVector extends AutoCloseable {
    /** Number of elements. */
    int length();

    @Override
    void close();
  }

  /** Rows of F32 values that operations read and write. */
  interface RowBlock extends AutoCloseable {
    /** Number of rows that fit. */
    int capacity();

    /** Elements per row. */
    int width();

    @Override
    void close();
  }

  /** Gives the rows of a matrix that is stored as [outputs][inputs]. */
  @FunctionalInterface
  interface WeightSource {
    /**
     * Copies {@code count} rows.
     *
     * @param into receives count × inputs elements from index 0
     */
    void read(int firstOutput, int count, float[] into);
  }

  /**
   * Prepares a projection {@code y = x·Wᵀ + b}.
   *
   * @param source rows of W, shape [outputs, inputs]
   * @param bias one value per output, or null for none
   */
  WeightMatrix matrix(int inputs, int outputs, WeightSource source, float @Nullable [] bias);

  /** Copies a vector of weights. */
  WeightVector vector(float[] values);

  /** Allocates rows of zeros. */
  RowBlock allocate(int capacity, int width);

  /** Writes one row from {@code values} at {@code offset}. */
  void put(float[] values, int offset, RowBlock target, int row);

  /** Reads one row into {@code values} at {@code offset}. */
  void get(RowBlock source, int row, float[] values, int offset);

  /** Reads column {@code output} of a prepared matrix: the weights of one output. */
  void getOutput(WeightMatrix matrix, int output, float[] values);

  /** Copies {@code count} rows between blocks of one width. */
  void copy(RowBlock source, int from, RowBlock target, int to, int count);

  /** Writes the projection of the first {@code rows} rows of {@code x} into {@code y}. */
  void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y);

  /**
   * RMS norm of equal parts of each row: of whole rows if {@code weight} is as long as a row, else
   * of each head.
   *
   * @param y receives the result; may be {@code x}
   */
  void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y);

  /** Turns every head of the first {@code rows} rows, in place. Row r is at firstPosition + r. */
  void rope(RowBlock x, int rows, int firstPosition, RotaryTable table);

  /** Writes {@code silu(gate)·up} into {@code y}, which may be {@code gate}. */
  void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y);

  /** Adds {@code delta} to {@code x}. */
  void add(RowBlock x, int rows, RowBlock delta);

  /** Replaces the first {@code n} elements of each row by their softmax. */
  void softmax(RowBlock x, int rows, int n);

  /**
   * Causal attention with grouped heads.
   *
   * @param queries row r is at firstPosition + r; width = heads × headDim
   * @param keys keys after RoPE of positions 0 .. firstPosition + rows − 1
   * @param values values of the same positions
   * @param out receives one row per query row, of its width
   */
  void attention(
      RowBlock queries,
      int rows,
      int firstPosition,
      RowBlock keys,
      RowBlock values,
      int headDim,
      RowBlock out);

  @Override
  void close();
}
