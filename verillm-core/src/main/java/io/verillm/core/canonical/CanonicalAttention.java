package io.verillm.core.canonical;

import java.util.Arrays;

/**
 * Causal attention of one query head in canonical order.
 *
 * <p>For the row at position p: scores s[t] = Σ_d k[t][d]·q[d] over d ascending from +0.0f, times
 * (float) (1 / √headDim) of binary64; {@link CanonicalMath#softmax} over t = 0 .. p; outputs o[d] =
 * Σ_t w[t]·v[t][d] over t ascending from +0.0f. Exact: blocks of rows and single rows give the same
 * bits. A later key takes part in a block with weight +0.0f, which changes nothing while values are
 * finite.
 *
 * <p>One instance is scratch space for one thread.
 */
final class CanonicalAttention {
  /** Below this many rows the row-by-row form is faster. */
  private static final int BLOCK_MINIMUM = 12;

  private static final int SIDE_BY_SIDE = 8;

  private final int headDim;
  private final float scale;
  private float[][] scores = new float[0][];
  private float[] rowScores = new float[0];
  private final float[] rowOut;
  private final float[][] turnedQueries;
  private final float[][] turnedOut;
  private float[] max = new float[0];
  private float[] sum = new float[0];
  private float[] shifted = new float[0];
  private float[] scratch = new float[0];

  CanonicalAttention(int headDim, int valueWidth) {
    this.headDim = headDim;
    this.scale = scale(headDim);
    this.rowOut = new float[valueWidth];
    this.turnedQueries = new float[headDim][];
    this.turnedOut = new float[headDim][];
  }

  /** 1 / √headDim, rounded to binary32. */
  static float scale(int headDim) {
    return (float) (1.0 / StrictMath.sqrt(headDim));
  }

  /**
   * Attends with one query head.
   *
   * @param queries rows of queries; the head's elements start at {@code queryColumn}
   * @param firstPosition position of row 0
   * @param keys keys after RoPE of positions 0 .. firstPosition + rows − 1
   * @param cacheColumn where the head's group starts in a row of keys and of values
   * @param out rows of outputs, written at {@code queryColumn}
   */
  void attend(
      float[][] queries,
      int queryColumn,
      int rows,
      int firstPosition,
      float[][] keys,
      float[][] values,
      int cacheColumn,
      float[][] out) {
    if (rows < BLOCK_MINIMUM) {
      for (int r = 0; r < rows; r++) {
        attendRow(
            queries[r], queryColumn, firstPosition + r + 1, keys, values, cacheColumn, out[r]);
      }
    } else {
      attendBlock(queries, queryColumn, rows, firstPosition, keys, values, cacheColumn, out);
    }
  }

  private void attendBlock(
      float[][] queries,
      int queryColumn,
      int rows,
      int firstPosition,
      float[][] keys,
      float[][] values,
      int cacheColumn,
      float[][] out) {
    int n = firstPosition + rows;
    reserve(n, rows);
    for (int d = 0; d < headDim; d++) {
      for (int j = 0; j < rows; j++) {
        turnedQueries[d][j] = queries[j][queryColumn + d];
      }
    }
    CanonicalGemm.multiply(keys, cacheColumn, n, turnedQueries, headDim, scores, 0, rows);
    softmaxColumns(n, rows, firstPosition);
    CanonicalGemm.multiplyTransposed(values, cacheColumn, headDim, scores, n, turnedOut, 0, rows);
    for (int j = 0; j < rows; j++) {
      float[] target = out[j];
      for (int d = 0; d < headDim; d++) {
        target[queryColumn + d] = turnedOut[d][j];
      }
    }
  }

  /** Column j holds the scores of the query at firstPosition + j; later keys get weight +0.0f. */
  private void softmaxColumns(int n, int rows, int firstPosition) {
    Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
    for (int t = 0; t < n; t++) {
      float[] s = scores[t];
      for (int j = 0; j < rows; j++) {
        s[j] = s[j] * scale;
      }
      if (t > firstPosition) {
        Arrays.fill(s, 0, t - firstPosition, Float.NEGATIVE_INFINITY);
      }
      for (int j = 0; j < rows; j++) {
        max[j] = Math.max(max[j], s[j]);
      }
    }
    Arrays.fill(sum, 0, rows, +0.0f);
    for (int t = 0; t < n; t++) {
      float[] s = scores[t];
      for (int j = 0; j < rows; j++) {
        shifted[j] = s[j] - max[j];
      }
      CanonicalMath.exp(shifted, s, scratch, 0, rows);
      for (int j = 0; j < rows; j++) {
        sum[j] = sum[j] + s[j];
      }
    }
    for (int t = 0; t < n; t++) {
      float[] s = scores[t];
      for (int j = 0; j < rows; j++) {
        s[j] = s[j] / sum[j];
      }
    }
  }

  private void reserve(int n, int rows) {
    if (max.length < rows) {
      max = new float[rows];
      sum = new float[rows];
      shifted = new float[rows];
      scratch = new float[rows];
      scores = new float[0][];
      for (int d = 0; d < headDim; d++) {
        turnedQueries[d] = new float[rows];
        turnedOut[d] = new float[rows];
      }
    }
    if (scores.length < n) {
      int known = scores.length;
      scores = Arrays.copyOf(scores, Math.max(n, known + known / 2));
      for (int t = known; t < scores.length; t++) {
        scores[t] = new float[max.length];
      }
    }
  }

  private void attendRow(
      float[] query,
      int queryColumn,
      int n,
      float[][] keys,
      float[][] values,
      int cacheColumn,
      float[] out) {
    if (rowScores.length < n) {
      rowScores = new float[Math.max(n, rowScores.length * 2)];
    }
    score(query, queryColumn, n, keys, cacheColumn);
    for (int t = 0; t < n; t++) {
      rowScores[t] = rowScores[t] * scale;
    }
    CanonicalMath.softmax(rowScores, n);
    // the index of a value row on both sides: with an offset between them the loop is scalar code
    int end = cacheColumn + headDim;
    Arrays.fill(rowOut, cacheColumn, end, +0.0f);
    int t = 0;
    for (; t + 3 < n; t += 4) {
      AxpyLoops.add1x4(
          rowOut,
          values[t],
          values[t + 1],
          values[t + 2],
          values[t + 3],
          rowScores[t],
          rowScores[t + 1],
          rowScores[t + 2],
          rowScores[t + 3],
          cacheColumn,
          end);
    }
    for (; t < n; t++) {
      AxpyLoops.add1x1(rowOut, values[t], rowScores[t], cacheColumn, end);
    }
    System.arraycopy(rowOut, cacheColumn, out, queryColumn, headDim);
  }

  /** Dot products, eight keys side by side so that their additions overlap in time. */
  private void score(float[] q, int queryColumn, int n, float[][] keys, int cacheColumn) {
    int t = 0;
    for (; t + SIDE_BY_SIDE - 1 < n; t += SIDE_BY_SIDE) {
      float[] k0 = keys[t];
      float[] k1 = keys[t + 1];
      float[] k2 = keys[t + 2];
      float[] k3 = keys[t + 3];
      float[] k4 = keys[t + 4];
      float[] k5 = keys[t + 5];
      float[] k6 = keys[t + 6];
      float[] k7 = keys[t + 7];
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      float s4 = 0;
      float s5 = 0;
      float s6 = 0;
      float s7 = 0;
      for (int d = 0; d < headDim; d++) {
        float v = q[queryColumn + d];
        int c = cacheColumn + d;
        s0 = s0 + k0[c] * v;
        s1 = s1 + k1[c] * v;
        s2 = s2 + k2[c] * v;
        s3 = s3 + k3[c] * v;
        s4 = s4 + k4[c] * v;
        s5 = s5 + k5[c] * v;
        s6 = s6 + k6[c] * v;
        s7 = s7 + k7[c] * v;
      }
      rowScores[t] = s0;
      rowScores[t + 1] = s1;
      rowScores[t + 2] = s2;
      rowScores[t + 3] = s3;
      rowScores[t + 4] = s4;
      rowScores[t + 5] = s5;
      rowScores[t + 6] = s6;
      rowScores[t + 7] = s7;
    }
    for (; t < n; t++) {
      float s = 0;
      for (int d = 0; d < headDim; d++) {
        s = s + keys[t][cacheColumn + d] * q[queryColumn + d];
      }
      rowScores[t] = s;
    }
  }
}
