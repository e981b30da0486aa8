package io.verillm.stats.permutation;

import io.verillm.stats.internal.Require;

/**
 * Sums of a symmetric pair function within and between the two label groups of every stratum, made
 * cheap for many relabellings.
 *
 * <p>The pair values are computed once. With row sums R, a relabelling needs only the pairs inside
 * the smaller group: Σ over A×B = Σ_{i∈A} R_i − 2 Σ_{A}, and Σ_B follows from the total. Immutable
 * after construction; thread-safe.
 */
public final class PairSums {
  private final StratifiedDesign design;
  private final double[][] matrix; // per stratum, row-major, zero diagonal
  private final double[][] rowSum;
  private final double[] total;

  private PairSums(StratifiedDesign design, double[][] matrix, double[][] rowSum, double[] total) {
    this.design = design;
    this.matrix = matrix;
    this.rowSum = rowSum;
    this.total = total;
  }

  /** A symmetric function of two items, finite. */
  @FunctionalInterface
  public interface PairFunction {
    /** Returns the value for items i and j, i ≠ j, of one stratum. */
    double apply(int i, int j);
  }

  /** What one relabelling gives for one stratum. */
  @FunctionalInterface
  public interface Combiner {
    /**
     * Returns the stratum's contribution.
     *
     * @param stratum index of the stratum
     * @param withinFirst sum over unordered pairs of sample one
     * @param withinSecond sum over unordered pairs of sample two
     * @param between sum over pairs across
     */
    double apply(int stratum, double withinFirst, double withinSecond, double between);
  }

  /** Evaluates {@code pair} for all pairs inside strata. */
  public static PairSums of(StratifiedDesign design, PairFunction pair) {
    int strata = design.strata();
    double[][] matrix = new double[strata][];
    double[][] rows = new double[strata][];
    double[] total = new double[strata];
    for (int s = 0; s < strata; s++) {
      int size = design.first(s) + design.second(s);
      Require.that(size <= 20_000, "stratum " + s + " has too many items for all pairs: " + size);
      int offset = design.offset(s);
      matrix[s] = new double[Math.multiplyExact(size, size)];
      rows[s] = new double[size];
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          double value = pair.apply(offset + i, offset + j);
          Require.that(Double.isFinite(value), "pair value is not finite: " + value);
          matrix[s][i * size + j] = value;
          matrix[s][j * size + i] = value;
          rows[s][i] += value;
          rows[s][j] += value;
          total[s] += value;
        }
      }
    }
    return new PairSums(design, matrix, rows, total);
  }

  /**
   * Takes over square matrices, one per stratum, row-major; diagonals are ignored.
   *
   * @throws IllegalArgumentException if a matrix has the wrong size, is not finite or not symmetric
   */
  public static PairSums ofMatrices(StratifiedDesign design, double[][] matrices) {
    Require.that(matrices.length == design.strata(), "matrices need one entry per stratum");
    return of(
        design,
        (i, j) -> {
          int s = design.stratumOf(i);
          int size = design.first(s) + design.second(s);
          Require.that(matrices[s].length == size * size, "matrices[" + s + "] has a wrong size");
          int a = i - design.offset(s);
          int b = j - design.offset(s);
          double value = matrices[s][a * size + b];
          Require.that(value == matrices[s][b * size + a], "matrices[" + s + "] is not symmetric");
          return value;
        });
  }

  /** Returns the design whose items these sums are about. */
  public StratifiedDesign design() {
    return design;
  }

  /** Returns the sum over strata of {@code combiner} under {@code order}. */
  public double evaluate(int[] order, Combiner combiner) {
    double sum = 0;
    for (int s = 0; s < matrix.length; s++) {
      int n = design.first(s);
      int m = design.second(s);
      int size = n + m;
      int offset = design.offset(s);
      int from = n <= m ? offset : offset + n;
      int to = from + Math.min(n, m);
      double[] k = matrix[s];
      double rows = 0;
      double inside = 0;
      for (int a = from; a < to; a++) {
        int row = order[a] - offset;
        rows += rowSum[s][row];
        int base = row * size - offset;
        for (int b = from; b < a; b++) {
          inside += k[base + order[b]];
        }
      }
      double across = rows - 2 * inside;
      double rest = total[s] - inside - across;
      sum +=
          n <= m
              ? combiner.apply(s, inside, rest, across)
              : combiner.apply(s, rest, inside, across);
    }
    return sum;
  }
}
