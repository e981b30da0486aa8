package io.verillm.core.verdict;

import io.verillm.core.wire.Digest32;
import java.util.Objects;

/**
 * What one calibrated check measured on one request.
 *
 * <p>The e-value is a number whose expectation on honest requests is at most 1, so that it reaches
 * x with probability at most 1/x. It is as good as its calibration: a value beyond the
 * calibration's data rests on the named tail model.
 *
 * @param check ACTIVATIONS, CACHE or TOKENS
 * @param calibration id of the signed profile, SHA-256 of its payload
 * @param statistic stable name of the check's statistic that speaks loudest
 * @param valueMicros its value, in millionths
 * @param lowMicros lower threshold, in millionths: below it this statistic alone rejects
 * @param highMicros upper threshold, in millionths
 * @param eValue evidence of the whole check, finite and at least 0
 * @param judged rows or tokens that entered
 * @param tailModel name of the law used beyond the calibration's data
 */
public record Evidence(
    CheckName check,
    Digest32 calibration,
    String statistic,
    long valueMicros,
    long lowMicros,
    long highMicros,
    double eValue,
    int judged,
    String tailModel) {
  /** Largest e-value that is stated; larger ones are cut to it. */
  public static final double LARGEST = 1e300;

  /** Longest name of a statistic or a tail model, in UTF-16 units; names are ASCII. */
  public static final int MAX_NAME = 128;

  /** Refuses a check that has no statistics, an e-value out of range, and long names. */
  public Evidence {
    Objects.requireNonNull(calibration, "calibration");
    if (!CombinedEvidence.SLOTS.contains(check)) {
      throw new IllegalArgumentException(check + " is an exact check");
    }
    if (!(eValue >= 0 && eValue <= LARGEST)) {
      throw new IllegalArgumentException("e-value " + eValue);
    }
    if (lowMicros > highMicros || judged < 0) {
      throw new IllegalArgumentException(
          "thresholds " + lowMicros + ", " + highMicros + "; judged " + judged);
    }
    if (statistic.length() > MAX_NAME || tailModel.length() > MAX_NAME) {
      throw new IllegalArgumentException("a name is longer than " + MAX_NAME);
    }
  }
}
