package io.verillm.stats.multiplicity;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * Adjusted p-values for many hypotheses: reject where the adjusted value is at most the level.
 *
 * <p>A rejected node is one of a set with bounded expected error, not proven to deviate by itself.
 */
@CheckReturnValue
public enum Adjustment {
  /** Family-wise error, any dependence: p·m. */
  BONFERRONI {
    @Override
    void adjust(double[] sorted) {
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] = Math.min(1, sorted[i] * sorted.length);
      }
    }
  },
  /** Family-wise error, any dependence, uniformly better than Bonferroni (Holm 1979). */
  HOLM {
    @Override
    void adjust(double[] sorted) {
      double running = 0;
      for (int i = 0; i < sorted.length; i++) {
        running = Math.max(running, Math.min(1, sorted[i] * (sorted.length - i)));
        sorted[i] = running;
      }
    }
  },
  /** False discovery rate under independence or positive dependence (Benjamini, Hochberg 1995). */
  BENJAMINI_HOCHBERG {
    @Override
    void adjust(double[] sorted) {
      stepUp(sorted, 1);
    }
  },
  /** False discovery rate under any dependence (Benjamini, Yekutieli 2001). */
  BENJAMINI_YEKUTIELI {
    @Override
    void adjust(double[] sorted) {
      double harmonic = 0;
      for (int i = 1; i <= sorted.length; i++) {
        harmonic += 1.0 / i;
      }
      stepUp(sorted, harmonic);
    }
  };

  abstract void adjust(double[] sorted);

  static void stepUp(double[] sorted, double factor) {
    double running = 1;
    for (int i = sorted.length - 1; i >= 0; i--) {
      running = Math.min(running, sorted[i] * factor * sorted.length / (i + 1));
      sorted[i] = running;
    }
  }

  /**
   * Returns the adjusted p-values in the order of {@code p}.
   *
   * @param p values in [0, 1], at least one
   */
  public double[] adjusted(double... p) {
    Require.atLeast(p.length, 1, "p.length");
    for (int i = 0; i < p.length; i++) {
      Require.unit(p[i], "p[" + i + "]");
    }
    double[] sorted = p.clone();
    Arrays.sort(sorted);
    double[] distinct = sorted.clone();
    adjust(sorted);
    double[] result = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      result[i] = sorted[lastIndexOf(distinct, p[i])];
    }
    return result;
  }

  private static int lastIndexOf(double[] sorted, double value) {
    int at = Arrays.binarySearch(sorted, value);
    int end = sorted.length - 1; // equal values share the last one's place: search by halving
    while (at < end) {
      int middle = (at + end + 1) >>> 1;
      if (sorted[middle] == value) {
        at = middle;
      } else {
        end = middle - 1;
      }
    }
    return at;
  }

  /** Returns which hypotheses are rejected at {@code level}, in (0, 1). */
  public boolean[] rejected(double level, double... p) {
    Require.open01(level, "level");
    double[] adjusted = adjusted(p);
    boolean[] rejected = new boolean[p.length];
    for (int i = 0; i < p.length; i++) {
      rejected[i] = adjusted[i] <= level * (1 + 1e-14);
    }
    return rejected;
  }
}
