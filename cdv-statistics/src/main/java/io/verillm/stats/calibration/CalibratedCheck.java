package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.internal.Require;
import io.verillm.stats.sequential.Calibrator;
import io.verillm.stats.sequential.EValues;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the statistics of one check of one request and states their evidence.
 *
 * <p>Each p-value becomes an e-value by a fixed mixture of two calibrators, one aimed at rejection
 * and one at the borderline; the check's e-value is the mean over its statistics, valid under any
 * dependence (Vovk and Wang 2021). A single statistic whose p-value is at most {@link #alone} of α
 * lifts the request's combined evidence to 1/α. One instance per check and request; not
 * thread-safe.
 *
 * <p>The evidence is about the declared class: a large one does not say what ran instead.
 */
@CheckReturnValue
public final class CalibratedCheck {
  private final CheckName check;
  private final Digest32 calibration;
  private final double alpha;
  private final double borderline;
  private final List<StatisticCalibration> statistics = new ArrayList<>();
  private final List<Long> values = new ArrayList<>();
  private final List<Double> pValues = new ArrayList<>();

  /**
   * Starts a check.
   *
   * @param calibration id of the profile
   * @param alpha the policy's level of rejection
   * @param borderline the policy's level of acceptance
   */
  public CalibratedCheck(CheckName check, Digest32 calibration, double alpha, double borderline) {
    this.check = check;
    this.calibration = calibration;
    this.alpha = Require.open01(alpha, "alpha");
    this.borderline = Require.open01(borderline, "borderline");
  }

  /** Adds a measured statistic. */
  public void add(StatisticCalibration statistic, long micros) {
    add(statistic, micros, statistic.pValue(micros));
  }

  /** Adds a statistic whose p-value is bounded through another one's calibration. */
  public void add(StatisticCalibration statistic, long micros, double pValue) {
    statistics.add(statistic);
    values.add(micros);
    pValues.add(pValue);
  }

  /** Returns the p-value from which one of {@code statistics} statistics alone rejects at α. */
  public static double alone(double alpha, int statistics) {
    return 0.8 * alpha / (2.0 * CombinedEvidence.SLOTS.size() * statistics);
  }

  /** Returns the index of the statistic with the smallest p-value; the first of equal ones. */
  public int loudest() {
    int best = 0;
    for (int i = 1; i < pValues.size(); i++) {
      if (pValues.get(i) < pValues.get(best)) {
        best = i;
      }
    }
    return best;
  }

  /**
   * States the evidence.
   *
   * @param judged rows or tokens that entered
   * @throws IllegalArgumentException if no statistic was added
   */
  public Evidence evidence(int judged) {
    int count = Require.atLeast(statistics.size(), 1, "statistics");
    int aims = 2 * CombinedEvidence.SLOTS.size() * count;
    Calibrator rejecting = Calibrator.aimedAt(alpha, aims);
    Calibrator warning = Calibrator.aimedAt(borderline, aims);
    double[] each = new double[count];
    for (int i = 0; i < count; i++) {
      double p = Math.max(Double.MIN_NORMAL, pValues.get(i));
      each[i] = (rejecting.applyTo(p) + warning.applyTo(p)) / 2;
    }
    StatisticCalibration loudest = statistics.get(loudest());
    double level = alone(alpha, count);
    return new Evidence(
        check,
        calibration,
        loudest.name(),
        values.get(loudest()),
        loudest.lowThreshold(level),
        loudest.highThreshold(level),
        Math.min(Evidence.LARGEST, EValues.mean(each)),
        judged,
        TailModel.NAME);
  }
}
