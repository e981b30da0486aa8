package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.robust.AdaptiveThreshold;
import io.verillm.stats.robust.ClopperPearson;
import java.util.Arrays;

/**
 * What honest nodes look like: a threshold, and how often honest nodes pass it.
 *
 * <p>The threshold is conformal at level α on one half of the honest scores; the tolerated rate is
 * the 99.99 % upper confidence bound of the exceedances on the other half, counted above the lowest
 * threshold that may ever apply. Only exceedances enter evidence, so a shared calibration does not
 * multiply. It does not show that the calibration runs were honest. Immutable.
 */
@CheckReturnValue
public final class HonestCalibration {
  /** Fewest honest scores. */
  public static final int MINIMUM_SCORES = 200;

  private final AdaptiveThreshold threshold;
  private final double tolerated;

  private HonestCalibration(AdaptiveThreshold threshold, double tolerated) {
    this.threshold = threshold;
    this.tolerated = tolerated;
  }

  /**
   * Returns a threshold that stays where it is.
   *
   * @param honestScores distances of independent honest runs, at least {@value #MINIMUM_SCORES}
   * @param alpha level of a single flag
   */
  public static HonestCalibration frozen(double[] honestScores, double alpha) {
    return adaptive(honestScores, alpha, 0.01, Double.MIN_NORMAL, 0);
  }

  /**
   * Returns a threshold that follows benign drift of audited scores; see {@link AdaptiveThreshold}.
   *
   * @param gamma step of the working level, in (0, 1)
   * @param maximumStep largest movement per epoch, in units of the distance
   * @param slack largest distance from the frozen anchor, in units of the distance; it is paid for
   *     by a larger tolerated rate
   */
  public static HonestCalibration adaptive(
      double[] honestScores, double alpha, double gamma, double maximumStep, double slack) {
    Require.finite(honestScores, "honestScores", MINIMUM_SCORES);
    int half = honestScores.length / 2;
    AdaptiveThreshold threshold =
        AdaptiveThreshold.anchored(
            Arrays.copyOf(honestScores, half), alpha, gamma, maximumStep, slack);
    double lowest = threshold.anchor() - slack;
    long above = 0;
    for (int i = half; i < honestScores.length; i++) {
      above += honestScores[i] > lowest ? 1 : 0;
    }
    double tolerated = ClopperPearson.upperBound(above, honestScores.length - half, 0.9999);
    Require.that(tolerated < 1, "honestScores exceed their own threshold throughout");
    return new HonestCalibration(threshold, tolerated);
  }

  /** Returns the calibration after an epoch with these audited honest scores, possibly none. */
  public HonestCalibration next(double... auditedHonest) {
    return threshold.slack() == 0
        ? this
        : new HonestCalibration(threshold.next(auditedHonest), tolerated);
  }

  /** Returns the distance above which a node is flagged. */
  public double threshold() {
    return threshold.threshold();
  }

  /** Returns p0, the flag rate that evidence is measured against. */
  public double tolerated() {
    return tolerated;
  }

  /** Returns whether {@code distance} flags a node; NaN is refused. */
  public boolean flags(double distance) {
    Require.that(!Double.isNaN(distance), "distance is NaN");
    return distance > threshold();
  }
}
