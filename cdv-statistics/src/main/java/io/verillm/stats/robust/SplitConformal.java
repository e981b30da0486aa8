package io.verillm.stats.robust;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * Thresholds and p-values from honest calibration scores; large scores are suspicious.
 *
 * <p>Valid if the new score is exchangeable with the calibration scores: the unit is a sequence or
 * a request, never a row or token of one. Coverage holds on average over calibration sets, lies in
 * [1−α, 1−α+1/(n+1)), and p-values against one set depend on each other. Immutable; thread-safe.
 */
@CheckReturnValue
public final class SplitConformal {
  private final double[] sorted;

  private SplitConformal(double[] sorted) {
    this.sorted = sorted;
  }

  /** Returns the calibration by {@code scores}: at least one, finite. */
  public static SplitConformal of(double... scores) {
    double[] sorted = Require.finite(scores, "scores", 1).clone();
    Arrays.sort(sorted);
    return new SplitConformal(sorted);
  }

  /** Returns the k-th smallest score, k = ⌈(n+1)(1−α)⌉; infinite if k &gt; n. */
  public double threshold(double alpha) {
    Require.open01(alpha, "alpha");
    double k = Math.ceil((sorted.length + 1) * (1 - alpha) - 1e-9);
    return k > sorted.length ? Double.POSITIVE_INFINITY : sorted[(int) Math.max(1, k) - 1];
  }

  /** Returns (1 + #{calibration &ge; score})/(n + 1), never 0; NaN is refused. */
  public double pValue(double score) {
    Require.that(!Double.isNaN(score), "score is NaN");
    int low = 0;
    int high = sorted.length;
    while (low < high) { // first index with a score at or above
      int middle = (low + high) >>> 1;
      if (sorted[middle] >= score) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return (1.0 + sorted.length - low) / (sorted.length + 1.0);
  }

  /** Returns the number of calibration scores. */
  public int size() {
    return sorted.length;
  }
}
