package io.verillm.stats.robust;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * A threshold that follows benign drift and cannot be poisoned: audited honest scores only, bounded
 * movement per epoch, and a frozen anchor that it never exceeds by more than a stated slack.
 *
 * <p>Adaptive conformal step on the working level (Gibbs and Candès 2021): a ← clip(a + γ(α −
 * err)), where err is the share of audited honest scores that the current threshold flagged. The
 * threshold is the empirical (1−a)-quantile of the window, then limited. It does not tell a slow
 * attack from a slow benign drift: beyond the slack both need a new signed calibration. Immutable
 * value; {@link #next} returns the successor.
 */
@CheckReturnValue
public final class AdaptiveThreshold {
  private final double alpha;
  private final double gamma;
  private final double maximumStep;
  private final double anchor;
  private final double slack;
  private final double workingAlpha;
  private final double threshold;

  private AdaptiveThreshold(
      double alpha,
      double gamma,
      double maximumStep,
      double anchor,
      double slack,
      double workingAlpha,
      double threshold) {
    this.alpha = alpha;
    this.gamma = gamma;
    this.maximumStep = maximumStep;
    this.anchor = anchor;
    this.slack = slack;
    this.workingAlpha = workingAlpha;
    this.threshold = threshold;
  }

  /**
   * Returns the threshold frozen from trusted scores.
   *
   * @param anchorScores scores of trusted honest runs, enough for the level
   * @param alpha long-run rate of flagged honest scores
   * @param gamma step of the working level, in (0, 1)
   * @param maximumStep largest movement per epoch, in units of the score
   * @param slack largest distance above the anchor quantile, in units of the score
   */
  public static AdaptiveThreshold anchored(
      double[] anchorScores, double alpha, double gamma, double maximumStep, double slack) {
    double quantile = SplitConformal.of(anchorScores).threshold(alpha);
    Require.that(Double.isFinite(quantile), "anchorScores are too few for alpha " + alpha);
    Require.open01(gamma, "gamma");
    Require.positive(maximumStep, "maximumStep");
    Require.that(slack >= 0 && Double.isFinite(slack), "slack must be finite and not negative");
    return new AdaptiveThreshold(alpha, gamma, maximumStep, quantile, slack, alpha, quantile);
  }

  /**
   * Returns the threshold after an epoch.
   *
   * @param auditedHonest scores of answers whose re-execution showed them honest; never the scores
   *     of whoever was merely not flagged. Empty leaves everything as it is
   */
  public AdaptiveThreshold next(double... auditedHonest) {
    if (auditedHonest.length == 0) {
      return this;
    }
    Require.finite(auditedHonest, "auditedHonest", 1);
    double flagged = 0;
    for (double s : auditedHonest) {
      flagged += s > threshold ? 1 : 0;
    }
    double error = flagged / auditedHonest.length;
    double level = Math.max(0.001, Math.min(0.5, workingAlpha + gamma * (alpha - error)));
    double wanted = RobustStatistics.quantile(1 - level, auditedHonest);
    double limited = Math.max(threshold - maximumStep, Math.min(threshold + maximumStep, wanted));
    double moved = Math.max(anchor - slack, Math.min(anchor + slack, limited));
    return new AdaptiveThreshold(alpha, gamma, maximumStep, anchor, slack, level, moved);
  }

  /** Returns the threshold above which a score is flagged. */
  public double threshold() {
    return threshold;
  }

  /** Returns the frozen anchor quantile. */
  public double anchor() {
    return anchor;
  }

  /** Returns the largest distance between threshold and anchor. */
  public double slack() {
    return slack;
  }
}
