package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a chain of profiles from drifting wide: a new one may be looser than a frozen anchor by a
 * stated step only, however many versions lie between. Thread-safe.
 */
@CheckReturnValue
public final class LooseningRule {
  private final double step;
  private final double level;

  /**
   * @param step how much farther from the anchor's median a threshold may lie, as a share of the
   *     anchor's own distance; 0.1 is usual
   * @param level p-value whose thresholds are compared
   */
  public LooseningRule(double step, double level) {
    this.step = Require.unit(step, "step");
    this.level = Require.open01(level, "level");
  }

  /** Returns one sentence per statistic that is looser than allowed; empty if all hold. */
  public List<String> violations(CalibrationProfile candidate, CalibrationProfile anchor) {
    List<String> found = new ArrayList<>();
    if (!candidate.anchor().equals(Optional.of(anchor.id()))) {
      found.add("the profile names another anchor");
    }
    if (!candidate.model().equals(anchor.model())
        || !candidate.prover().equals(anchor.prover())
        || !candidate.verifier().equals(anchor.verifier())) {
      found.add("the anchor is for another model or pair of classes");
    }
    for (StatisticCalibration frozen : anchor.statistics()) {
      Optional<StatisticCalibration> now = candidate.statistic(frozen.name());
      if (now.isEmpty()) {
        found.add(frozen.name() + " is no longer judged");
        continue;
      }
      long median = frozen.median();
      long high = frozen.highThreshold(level);
      long allowedHigh = median + (long) Math.ceil((high - median) * (1 + step));
      if (now.get().highThreshold(level) > allowedHigh) {
        found.add(
            frozen.name()
                + ": upper threshold "
                + now.get().highThreshold(level) / 1e6
                + " is above the allowed "
                + allowedHigh / 1e6);
      }
      if (frozen.side() == StatisticCalibration.Side.BOTH) {
        long low = frozen.lowThreshold(level);
        long allowedLow = median - (long) Math.ceil((median - low) * (1 + step));
        if (now.get().side() != StatisticCalibration.Side.BOTH
            || now.get().lowThreshold(level) < allowedLow) {
          found.add(frozen.name() + ": lower threshold is below the allowed " + allowedLow / 1e6);
        }
      }
    }
    return found;
  }
}
