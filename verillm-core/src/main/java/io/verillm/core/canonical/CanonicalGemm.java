package io.verillm.core.canonical;

import java.util.Arrays;

/**
 * Matrix products in canonical order.
 *
 * <p>Every output starts at +0.0f and takes, for k ascending, {@code acc = acc + x·w}: the product
 * is rounded to binary32, then the sum is. Exact: rows, panels, tiles and threads change the speed
 * and no bit, because a float that is stored and read again is the same float.
 *
 * <p>Stateless. Arrays of outputs must not overlap the operands.
 */
public final class CanonicalGemm {
  /** Columns that are worked on at once, so that a few rows of weights stay in the first cache. */
  private static final int TILE = 1024;

  /** Steps of k that are finished for all rows before the next ones; a multiple of 3 and of 4. */
  private static final int PANEL = 24;

  private CanonicalGemm() {}

  /**
   * The definition: {@code y[r][j] = Σ_k x[r][k]·w[k][j]}, one output at a time.
   *
   * @param x rows of at least {@code w.length} elements
   * @param w one array of outputs per k
   * @param y receives {@code rows} rows
   */
  public static void define(float[][] x, int rows, float[][] w, float[][] y) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < y[r].length; j++) {
        float sum = +0.0f;
        for (int k = 0; k < w.length; k++) {
          sum = sum + x[r][k] * w[k][j];
        }
        y[r][j] = sum;
      }
    }
  }

  /**
   * Writes the columns {@code from} to {@code to} of the product into the rows of {@code y}.
   *
   * @param x operand rows; element k of row r is {@code x[r][column + k]}
   * @param rows how many rows
   * @param w one array per k, all as long as {@code to}
   * @param depth number of k
   */
  public static void multiply(
      float[][] x, int column, int rows, float[][] w, int depth, float[][] y, int from, int to) {
    clear(y, rows, from, to);
    for (int j0 = from; j0 < to; j0 += TILE) {
      int j1 = Math.min(j0 + TILE, to);
      for (int k0 = 0; k0 < depth; k0 += PANEL) {
        int k1 = Math.min(k0 + PANEL, depth);
        int r = 0;
        for (; r + 1 < rows; r += 2) {
          pair(x[r], x[r + 1], column, w, k0, k1, y[r], y[r + 1], j0, j1);
        }
        if (r < rows) {
          single(x[r], column, w, k0, k1, y[r], j0, j1);
        }
      }
    }
  }

  /**
   * The same with the operand stored the other way round: element k of row r is {@code x[k][column
   * + r]}.
   */
  public static void multiplyTransposed(
      float[][] x, int column, int rows, float[][] w, int depth, float[][] y, int from, int to) {
    clear(y, rows, from, to);
    for (int k0 = 0; k0 < depth; k0 += PANEL) {
      int k1 = Math.min(k0 + PANEL, depth);
      int r = 0;
      for (; r + 1 < rows; r += 2) {
        int c = column + r;
        int k = k0;
        for (; k + 2 < k1; k += 3) {
          AxpyLoops.add2x3(
              y[r],
              y[r + 1],
              w[k],
              w[k + 1],
              w[k + 2],
              x[k][c],
              x[k + 1][c],
              x[k + 2][c],
              x[k][c + 1],
              x[k + 1][c + 1],
              x[k + 2][c + 1],
              from,
              to);
        }
        for (; k < k1; k++) {
          AxpyLoops.add2x1(y[r], y[r + 1], w[k], x[k][c], x[k][c + 1], from, to);
        }
      }
      if (r < rows) {
        for (int k = k0; k < k1; k++) {
          AxpyLoops.add1x1(y[r], w[k], x[k][column + r], from, to);
        }
      }
    }
  }

  private static void clear(float[][] y, int rows, int from, int to) {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(y[r], from, to, +0.0f);
    }
  }

  private static void pair(
      float[] x0,
      float[] x1,
      int column,
      float[][] w,
      int k0,
      int k1,
      float[] y0,
      float[] y1,
      int from,
      int to) {
    int k = k0;
    for (; k + 2 < k1; k += 3) {
      int c = column + k;
      AxpyLoops.add2x3(
          y0, y1, w[k], w[k + 1], w[k + 2], x0[c], x0[c + 1], x0[c + 2], x1[c], x1[c + 1],
          x1[c + 2], from, to);
    }
    for (; k < k1; k++) {
      AxpyLoops.add2x1(y0, y1, w[k], x0[column + k], x1[column + k], from, to);
    }
  }

  private static void single(
      float[] x, int column, float[][] w, int k0, int k1, float[] y, int from, int to) {
    int k = k0;
    for (; k + 3 < k1; k += 4) {
      int c = column + k;
      AxpyLoops.add1x4(
          y, w[k], w[k + 1], w[k + 2], w[k + 3], x[c], x[c + 1], x[c + 2], x[c + 3], from, to);
    }
    for (; k < k1; k++) {
      AxpyLoops.add1x1(y, w[k], x[column + k], from, to);
    }
  }
}
