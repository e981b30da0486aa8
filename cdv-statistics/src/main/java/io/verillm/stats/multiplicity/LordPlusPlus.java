package io.verillm.stats.multiplicity;

import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * LORD++ (Ramdas et al. 2017): false discovery rate control for p-values that arrive one by one.
 *
 * <p>Level w0 γ_t + (α − w0) γ_{t−τ1} + α Σ_{j&ge;2} γ_{t−τj}, γ_j = 0.07720838 ln(max(j, 2)) / (j
 * e^√ln j), τ the times of earlier rejections. Needs independent p-values. One object, one thread.
 */
public final class LordPlusPlus {
  private final double alpha;
  private final double w0;
  private final List<Long> rejections = new ArrayList<>();
  private long time;

  /** Starts with level {@code alpha} and initial wealth {@code w0} in (0, alpha]. */
  public LordPlusPlus(double alpha, double w0) {
    this.alpha = Require.open01(alpha, "alpha");
    Require.that(w0 > 0 && w0 <= alpha, "w0 must lie in (0, alpha]: " + w0);
    this.w0 = w0;
  }

  /** Returns the level that the next p-value will be compared with. */
  public double nextLevel() {
    long t = time + 1;
    double level = w0 * gamma((double) t);
    for (int j = 0; j < rejections.size(); j++) {
      level += (j == 0 ? alpha - w0 : alpha) * gamma((double) (t - rejections.get(j)));
    }
    return level;
  }

  /** Takes the next p-value into account; returns whether it is rejected. */
  public boolean test(double p) {
    Require.unit(p, "p");
    boolean reject = p <= nextLevel();
    time++;
    if (reject) {
      rejections.add(time);
    }
    return reject;
  }

  private static double gamma(double j) {
    return 0.07720838 * Math.log(Math.max(j, 2)) / (j * Math.exp(Math.sqrt(Math.log(j))));
  }
}
