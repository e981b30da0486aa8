package io.verillm.stats.internal;

import java.util.Arrays;

/**
 * The pooled sorted values of two samples: for each distinct value, how many of either sample carry
 * it.
 */
public final class PooledOrder {
  private final double[] values;
  private final int[] inX;
  private final int[] inY;
  private final int groups;

  private PooledOrder(double[] values, int[] inX, int[] inY, int groups) {
    this.values = values;
    this.inX = inX;
    this.inY = inY;
    this.groups = groups;
  }

  /** Sorts copies of both samples; −0 and 0 count as equal. */
  public static PooledOrder of(double[] x, double[] y) {
    double[] a = sorted(x);
    double[] b = sorted(y);
    int capacity = Math.addExact(a.length, b.length);
    double[] values = new double[capacity];
    int[] inX = new int[capacity];
    int[] inY = new int[capacity];
    int i = 0;
    int j = 0;
    int g = 0;
    while (i < a.length || j < b.length) {
      double v = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
      values[g] = v;
      while (i < a.length && a[i] == v) {
        inX[g]++;
        i++;
      }
      while (j < b.length && b[j] == v) {
        inY[g]++;
        j++;
      }
      g++;
    }
    return new PooledOrder(values, inX, inY, g);
  }

  private static double[] sorted(double[] sample) {
    double[] copy = sample.clone();
    for (int i = 0; i < copy.length; i++) {
      copy[i] += 0.0; // turns -0 into +0, which Arrays.sort would order apart
    }
    Arrays.sort(copy);
    return copy;
  }

  /** Returns the number of distinct values. */
  public int groups() {
    return groups;
  }

  /** Returns the g-th smallest distinct value. */
  public double value(int g) {
    return values[g];
  }

  /** Returns how many values of the first sample equal the g-th distinct value. */
  public int inX(int g) {
    return inX[g];
  }

  /** Returns how many values of the second sample equal the g-th distinct value. */
  public int inY(int g) {
    return inY[g];
  }

  /** Returns how many pooled values equal the g-th distinct value. */
  public int count(int g) {
    return inX[g] + inY[g];
  }

  /** Returns whether some value occurs more than once. */
  public boolean hasTies() {
    for (int g = 0; g < groups; g++) {
      if (count(g) > 1) {
        return true;
      }
    }
    return false;
  }
}
