package io.verillm.stats.language;

import java.util.List;

/**
 * Share of equal positions. All sequences are padded or cut to one length with a padding id that
 * equals itself, so two answers that both stopped agree on the rest.
 */
final class HammingKernel implements TokenKernel {
  private static final int PADDING = Integer.MIN_VALUE;
  private final int length;

  HammingKernel(int length) {
    this.length = length;
  }

  @Override
  public double[] gram(List<int[]> items) {
    int n = items.size();
    int[] padded = new int[n * length];
    for (int i = 0; i < n; i++) {
      int[] tokens = items.get(i);
      for (int k = 0; k < length; k++) {
        padded[i * length + k] = k < tokens.length ? tokens[k] : PADDING;
      }
    }
    double[] gram = new double[n * n];
    double unit = 1.0 / length;
    for (int i = 0; i < n; i++) {
      gram[i * n + i] = 1;
      for (int j = 0; j < i; j++) {
        double value = equalPositions(padded, i * length, j * length) * unit;
        gram[i * n + j] = value;
        gram[j * n + i] = value;
      }
    }
    return gram;
  }

  private int equalPositions(int[] padded, int a, int b) {
    int equal = 0;
    for (int k = 0; k < length; k++) {
      equal += padded[a + k] == padded[b + k] ? 1 : 0;
    }
    return equal;
  }
}
