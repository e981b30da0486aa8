package io.verillm.incentives.peerprediction;

import java.math.BigInteger;

/** Determinants of small square matrices. */
final class Determinants {
  private Determinants() {}

  /**
   * Returns the determinant by elimination with row pivoting; toleranced, relative error about
   * 1e-14 for small sizes.
   */
  static double of(double[][] matrix) {
    int n = matrix.length;
    double[][] rows = new double[n][];
    for (int r = 0; r < n; r++) {
      rows[r] = matrix[r].clone();
    }
    double determinant = 1;
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int r = c + 1; r < n; r++) {
        pivot = Math.abs(rows[r][c]) > Math.abs(rows[pivot][c]) ? r : pivot;
      }
      if (rows[pivot][c] == 0) {
        return 0;
      }
      if (pivot != c) {
        double[] swap = rows[c];
        rows[c] = rows[pivot];
        rows[pivot] = swap;
        determinant = -determinant;
      }
      determinant *= rows[c][c];
      for (int r = c + 1; r < n; r++) {
        double factor = rows[r][c] / rows[c][c];
        for (int k = c; k < n; k++) {
          rows[r][k] -= factor * rows[c][k];
        }
      }
    }
    return determinant;
  }

  /** Returns the determinant of whole numbers exactly, by Bareiss elimination. */
  static BigInteger exact(long[][] matrix) {
    int n = matrix.length;
    if (n == 2) {
      return BigInteger.valueOf(matrix[0][0])
          .multiply(BigInteger.valueOf(matrix[1][1]))
          .subtract(BigInteger.valueOf(matrix[0][1]).multiply(BigInteger.valueOf(matrix[1][0])));
    }
    BigInteger[][] m = new BigInteger[n][n];
    for (int r = 0; r < n; r++) {
      for (int c = 0; c < n; c++) {
        m[r][c] = BigInteger.valueOf(matrix[r][c]);
      }
    }
    BigInteger previous = BigInteger.ONE;
    boolean negative = false;
    for (int c = 0; c < n - 1; c++) {
      int pivot = c;
      while (pivot < n && m[pivot][c].signum() == 0) {
        pivot++;
      }
      if (pivot == n) {
        return BigInteger.ZERO;
      }
      if (pivot != c) {
        BigInteger[] swap = m[c];
        m[c] = m[pivot];
        m[pivot] = swap;
        negative = !negative;
      }
      for (int r = c + 1; r < n; r++) {
        for (int k = c + 1; k < n; k++) {
          m[r][k] = m[r][k].multiply(m[c][c]).subtract(m[r][c].multiply(m[c][k])).divide(previous);
        }
      }
      previous = m[c][c];
    }
    return negative ? m[n - 1][n - 1].negate() : m[n - 1][n - 1];
  }
}
