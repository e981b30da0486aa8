package io.verillm.cache.proving;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CellError;
import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernels.RowBlock;
import io.verillm.core.spi.ArithmeticKernels.WeightMatrix;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cells of a challenge among the rows of a running prefill: for each item the nearest
 * cell of every layer above 0, by the relative error of keys and values together.
 *
 * <p>All dot products of a block of positions with all items are one matrix product; squared
 * distances follow from norms, and the few that come near are measured again exactly. An item is
 * the cell with the smallest error in units of the threshold, if that is at most 1, and no cell
 * otherwise. One prefill, one thread; close it afterwards.
 */
public final class CellSearch implements CaptureSink, AutoCloseable {
  /** Largest error that still is a match. */
  @FunctionalInterface
  public interface Thresholds {
    /** The threshold for rows of a layer and part, above 0. */
    double at(int layer, KvPart part);
  }

  private final ArithmeticKernels kernels = CanonicalKernels.singleThreaded();
  private final int items;
  private final HookPoint keyHook;
  private final Thresholds thresholds;
  private final float[][][] rows;
  private final double[][] norms;
  private final List<WeightMatrix> products = new ArrayList<>();
  private final Map<Integer, double[]> keyErrors = new HashMap<>();
  private final double[] best;
  private final @Nullable CellId[] found;
  private @Nullable RowBlock input;
  private @Nullable RowBlock output;
  private long comparisons;

  /**
   * Starts a search.
   *
   * @param cells items of the challenge, all of the model's width
   * @param keyHook where their keys were taken
   */
  public CellSearch(List<UnnamedCell> cells, HookPoint keyHook, Thresholds thresholds) {
    this.items = cells.size();
    this.keyHook = keyHook;
    this.thresholds = thresholds;
    this.rows = new float[2][items][];
    this.norms = new double[2][items];
    for (int i = 0; i < items; i++) {
      rows[0][i] = cells.get(i).key();
      rows[1][i] = cells.get(i).value();
    }
    for (int part = 0; part < 2; part++) {
      for (int i = 0; i < items; i++) {
        if (rows[part][i].length != rows[part][0].length) {
          throw new IllegalArgumentException("items of different widths");
        }
        norms[part][i] = squaredNorm(rows[part][i], 0, rows[part][i].length);
      }
      float[][] own = rows[part];
      int width = own[0].length;
      products.add(
          kernels.matrix(
              width,
              items,
              (first, count, into) -> {
                for (int i = 0; i < count; i++) {
                  System.arraycopy(own[first + i], 0, into, i * width, width);
                }
              },
              null));
    }
    this.best = new double[items];
    java.util.Arrays.fill(best, Double.POSITIVE_INFINITY);
    this.found = new CellId[items];
  }

  private static double squaredNorm(float[] row, int from, int width) {
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += (double) row[i] * row[i];
    }
    return sum;
  }

  @Override
  public boolean wants(RowKey key) {
    return key.layer() > 0
        && ((key.kind() == TensorKind.KEY && key.hook() == keyHook)
            || key.kind() == TensorKind.VALUE);
  }

  /**
   * Compares a block of rows with all items. Keys of a block come before its values.
   *
   * @throws IllegalStateException if they do not
   */
  @Override
  public void accept(RowKey key, int firstPosition, TensorView view) {
    KvPart part = key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
    int count = Math.toIntExact(view.shape().dimension(0));
    int width = Math.toIntExact(view.shape().dimension(1));
    if (width != rows[part.index()][0].length) {
      throw new IllegalArgumentException(
          "rows of " + width + " elements, items of " + rows[part.index()][0].length);
    }
    double[] errors = errors(part, key.layer(), view.toFloats(), count, width);
    if (part == KvPart.KEY) {
      keyErrors.put(key.layer(), errors);
      return;
    }
    double[] keys = keyErrors.remove(key.layer());
    if (keys == null || keys.length != errors.length) {
      throw new IllegalStateException("values of layer " + key.layer() + " came without keys");
    }
    for (int p = 0; p < count; p++) {
      for (int i = 0; i < items; i++) {
        double both = Math.max(keys[p * items + i], errors[p * items + i]);
        if (both < best[i]) {
          best[i] = both;
          found[i] = new CellId(firstPosition + p, key.layer());
        }
      }
    }
  }

  /** Errors in units of the threshold, [positions × items]; far ones are only bounded. */
  private double[] errors(KvPart part, int layer, float[] block, int count, int width) {
    double threshold = thresholds.at(layer, part);
    if (!(threshold > 0)) {
      throw new IllegalArgumentException("threshold " + threshold);
    }
    RowBlock in = input(count, width);
    RowBlock out = output(count);
    for (int p = 0; p < count; p++) {
      kernels.put(block, p * width, in, p);
    }
    kernels.gemm(in, count, products.get(part.index()), out);
    // A sum of n products is off by at most n half-ulps of |x||y|, and enters twice.
    double hidden = 4.0 * width * 0x1p-24;
    double[] errors = new double[count * items];
    float[] dots = new float[items];
    float[] row = new float[width];
    for (int p = 0; p < count; p++) {
      kernels.get(out, p, dots, 0);
      double norm = squaredNorm(block, p * width, width);
      boolean copied = false;
      for (int i = 0; i < items; i++) {
        double squared = norms[part.index()][i] + norm - 2.0 * dots[i];
        double error = CellError.ratio(Math.max(0, squared), norm);
        if (squared <= (4 * threshold * threshold + hidden) * norm) {
          if (!copied) {
            System.arraycopy(block, p * width, row, 0, width);
            copied = true;
          }
          error = CellError.relative(rows[part.index()][i], row, width);
        }
        errors[p * items + i] = error / threshold;
      }
    }
    comparisons += (long) count * items;
    return errors;
  }

  private RowBlock input(int count, int width) {
    if (input == null || input.capacity() < count || input.width() != width) {
      if (input != null) {
        input.close();
      }
      input = kernels.allocate(count, width);
    }
    return input;
  }

  private RowBlock output(int count) {
    if (output == null || output.capacity() < count) {
      if (output != null) {
        output.close();
      }
      output = kernels.allocate(count, items);
    }
    return output;
  }

  /** The answer: an id, or nothing for what matches no cell. */
  public List<Optional<CellId>> answer() {
    List<Optional<CellId>> answer = new ArrayList<>(items);
    for (int i = 0; i < items; i++) {
      answer.add(best[i] <= 1 ? Optional.ofNullable(found[i]) : Optional.empty());
    }
    return answer;
  }

  /** Pairs of an item and a row that were compared. */
  public long comparisons() {
    return comparisons;
  }

  @Override
  public void close() {
    products.forEach(WeightMatrix::close);
    if (input != null) {
      input.close();
    }
    if (output != null) {
      output.close();
    }
    kernels.close();
  }
}
