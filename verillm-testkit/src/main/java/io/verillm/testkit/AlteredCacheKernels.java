package io.verillm.testkit;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Float8E4M3;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import java.util.function.UnaryOperator;

/**
 * Kernels that attend to another cache than the one that was computed: to values rounded to 8 bits,
 * or to some of the positions only. Everything else, the rows that are committed and the name of
 * the class included, is the honest kernels': only the consequences in the layers above show. Real
 * rounding, never added noise.
 */
public final class AlteredCacheKernels extends DelegatingKernels {
  private final int sinks;
  private final int window;
  private final UnaryOperator<float[]> rounding;

  private AlteredCacheKernels(
      ArithmeticKernels honest, int sinks, int window, UnaryOperator<float[]> rounding) {
    super(honest);
    if (sinks < 0 || window < 1) {
      throw new IllegalArgumentException(sinks + " sinks, a window of " + window);
    }
    this.sinks = sinks;
    this.window = window;
    this.rounding = rounding;
  }

  /** Keys and values are read as FP8 E4M3 with one scale per row. */
  public static AlteredCacheKernels fp8(ArithmeticKernels honest) {
    return new AlteredCacheKernels(
        honest,
        0,
        Integer.MAX_VALUE,
        row -> {
          roundToFp8(row);
          return row;
        });
  }

  /** Keys and values are read as a type without any scale, as engines do by default. */
  public static AlteredCacheKernels unscaled(ArithmeticKernels honest, DType dtype) {
    return new AlteredCacheKernels(
        honest,
        0,
        Integer.MAX_VALUE,
        row -> FloatTensors.toFloats(FloatTensors.ofFloats(dtype, Shape.of(row.length), row)));
  }

  /** Only the last {@code window} positions are kept. */
  public static AlteredCacheKernels truncated(ArithmeticKernels honest, int window) {
    return evicting(honest, 0, window);
  }

  /** Only the first {@code sinks} and the last {@code window} positions are kept. */
  public static AlteredCacheKernels evicting(ArithmeticKernels honest, int sinks, int window) {
    return new AlteredCacheKernels(honest, sinks, window, UnaryOperator.identity());
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
    int positions = firstPosition + rows;
    try (RowBlock query = base.allocate(1, queries.width());
        RowBlock result = base.allocate(1, out.width());
        RowBlock seenKeys = base.allocate(positions, keys.width());
        RowBlock seenValues = base.allocate(positions, values.width())) {
      for (int r = 0; r < rows; r++) {
        int position = firstPosition + r;
        int kept = 0;
        for (int p = 0; p <= position; p++) {
          if (p < sinks || p > position - window) {
            read(keys, p, seenKeys, kept);
            read(values, p, seenValues, kept);
            kept++;
          }
        }
        base.copy(queries, r, query, 0, 1);
        // Keys carry their own rotation, so their place among the kept ones does not matter.
        base.attention(query, 1, kept - 1, seenKeys, seenValues, headDim, result);
        base.copy(result, 0, out, r, 1);
      }
    }
  }

  private void read(RowBlock cache, int position, RowBlock seen, int at) {
    float[] row = new float[cache.width()];
    base.get(cache, position, row, 0);
    base.put(rounding.apply(row), 0, seen, at);
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
}
