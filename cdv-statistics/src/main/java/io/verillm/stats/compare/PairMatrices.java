package io.verillm.stats.compare;

import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.twosample.EnergyDistance;

/** Pair values per stratum, diagonal included, for resampling with repetition. */
final class PairMatrices {
  private final StratifiedDesign design;
  private final double[][] matrices;

  PairMatrices(StratifiedDesign design, double[][] matrices) {
    this.design = design;
    this.matrices = matrices;
  }

  static PairMatrices distances(StratifiedDesign design, double[][] items) {
    double[][] matrices = new double[design.strata()][];
    for (int s = 0; s < matrices.length; s++) {
      int size = design.first(s) + design.second(s);
      int from = design.offset(s);
      matrices[s] = new double[size * size];
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          double d = EnergyDistance.euclidean(items[from + i], items[from + j]);
          matrices[s][i * size + j] = d;
          matrices[s][j * size + i] = d;
        }
      }
    }
    return new PairMatrices(design, matrices);
  }

  /** Returns the sums over unordered pairs within one, within two, and over pairs across. */
  private double[] sums(int s, int[] items) {
    int n = design.first(s);
    int size = n + design.second(s);
    int from = design.offset(s);
    double[] sums = new double[3];
    for (int i = 0; i < size; i++) {
      int row = (items[from + i] - from) * size - from;
      for (int j = 0; j < i; j++) {
        sums[i < n ? 0 : j < n ? 2 : 1] += matrices[s][row + items[from + j]];
      }
    }
    return sums;
  }

  double meanDiscrepancy(int[] items) {
    double[] sums = new double[3];
    double[] pairs = new double[3];
    for (int s = 0; s < matrices.length; s++) {
      double n = design.first(s);
      double m = design.second(s);
      double[] at = sums(s, items);
      for (int k = 0; k < 3; k++) {
        sums[k] += at[k];
      }
      pairs[0] += n * (n - 1) / 2;
      pairs[1] += m * (m - 1) / 2;
      pairs[2] += n * m;
    }
    return sums[0] / pairs[0] + sums[1] / pairs[1] - 2 * sums[2] / pairs[2];
  }

  double energy(int[] items) {
    double sum = 0;
    for (int s = 0; s < matrices.length; s++) {
      double n = design.first(s);
      double m = design.second(s);
      if (n > 0 && m > 0) {
        double[] at = sums(s, items);
        sum += n * m / (n + m) * (2 * at[2] / (n * m) - 2 * at[0] / (n * n) - 2 * at[1] / (m * m));
      }
    }
    return sum;
  }
}
