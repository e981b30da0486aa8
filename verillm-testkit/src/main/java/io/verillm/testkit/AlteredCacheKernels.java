package io.verillm.testkit;

import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.tensor.Float8E4M3;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Kernels that attend to another cache than the one that was computed: to values rounded to 8 bits,
 * or to the last positions only. Everything else, the name of the class included, is the honest
 * kernels'. Real rounding, never added noise.
 */
public final class AlteredCacheKernels implements ArithmeticKernels {
  private final ArithmeticKernels honest;
  private final int window;
  private final boolean rounds;

  private AlteredCacheKernels(ArithmeticKernels honest, int window, boolean rounds) {
    this.honest = Objects.requireNonNull(honest, "honest");
    this.window = window;
    this.rounds = rounds;
  }

  /** Keys and values are read as FP8 E4M3 with one scale per row. */
  public static AlteredCacheKernels fp8(ArithmeticKernels honest) {
    return new AlteredCacheKernels(honest, Integer.MAX_VALUE, true);
  }

  /** Only the last {@code window} positions are kept. */
  public static AlteredCacheKernels truncated(ArithmeticKernels honest, int window) {
    return new AlteredCacheKernels(honest, window, false);
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
    if (rows != 1) {
      throw new UnsupportedOperationException("an altered cache decodes one position at a time");
    }
    int kept = Math.min(window, firstPosition + 1);
    int from = firstPosition + 1 - kept;
    try (RowBlock seenKeys = read(keys, from, kept);
        RowBlock seenValues = read(values, from, kept)) {
      honest.attention(queries, 1, kept - 1, seenKeys, seenValues, headDim, out);
    }
  }

  private RowBlock read(RowBlock cache, int from, int count) {
    RowBlock seen = honest.allocate(count, cache.width());
    float[] row = new float[cache.width()];
    for (int i = 0; i < count; i++) {
      if (rounds) {
        honest.get(cache, from + i, row, 0);
        roundToFp8(row);
        honest.put(row, 0, seen, i);
      } else {
        honest.copy(cache, from + i, seen, i, 1);
      }
    }
    return seen;
  }

  /** One scale for the row: its largest magnitude becomes 448, the largest finite E4M3. */
  static void roundToFp8(float[] row) {
    float largest = 0;
    for (float value : row) {
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = largest / 448;
    for (int i = 0; i < row.length && scale > 0; i++) {
      row[i] = Float8E4M3.toFloat(Float8E4M3.fromFloat(row[i] / scale)) * scale;
    }
  }

  @Override
  public String name() {
    return honest.name();
  }

  @Override
  public String arithmetic() {
    return honest.arithmetic();
  }

  @Override
  public String dtype() {
    return honest.dtype();
  }

  @Override
  public String device() {
    return honest.device();
  }

  @Override
  public WeightMatrix matrix(
      int inputs, int outputs, WeightSource source, float @Nullable [] bias) {
    return honest.matrix(inputs, outputs, source, bias);
  }

  @Override
  public WeightVector vector(float[] values) {
    return honest.vector(values);
  }

  @Override
  public RowBlock allocate(int capacity, int width) {
    return honest.allocate(capacity, width);
  }

  @Override
  public void put(float[] values, int offset, RowBlock target, int row) {
    honest.put(values, offset, target, row);
  }

  @Override
  public void get(RowBlock source, int row, float[] values, int offset) {
    honest.get(source, row, values, offset);
  }

  @Override
  public void getOutput(WeightMatrix matrix, int output, float[] values) {
    honest.getOutput(matrix, output, values);
  }

  @Override
  public void copy(RowBlock source, int from, RowBlock target, int to, int count) {
    honest.copy(source, from, target, to, count);
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    honest.gemm(x, rows, w, y);
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    honest.rmsNorm(x, rows, weight, epsilon, y);
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    honest.rope(x, rows, firstPosition, table);
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    honest.swiGlu(gate, up, rows, y);
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    honest.add(x, rows, delta);
  }

  @Override
  public void softmax(RowBlock x, int rows, int n) {
    honest.softmax(x, rows, n);
  }

  @Override
  public void close() {
    honest.close();
  }
}
