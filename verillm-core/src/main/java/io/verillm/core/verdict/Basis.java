package io.verillm.core.verdict;

/** What a verdict rests on. */
public enum Basis {
  /** Exact comparison: anyone who repeats it gets the same. */
  OBJECTIVE,
  /**
   * Calibrated evidence with a stated error rate. A rejection on it refuses pay for one answer; it
   * is never attributable and can never slash by itself.
   */
  STATISTICAL
}
