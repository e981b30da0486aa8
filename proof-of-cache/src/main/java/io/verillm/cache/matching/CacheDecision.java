package io.verillm.cache.matching;

import io.verillm.stats.sequential.EValues;

/**
 * What cache rows alone say of one request, by the three-way rule of the completed protocol. It is
 * one half of a verdict: rows that match do not accept an answer.
 */
public enum CacheDecision {
  /** p above the warning level. */
  PLAUSIBLE,
  /** p between the levels, or nothing that can be concluded from. */
  INCONCLUSIVE,
  /** p at most the rejection level. */
  REJECT;

  /** Default rejection level. */
  public static final double REJECTION_LEVEL = 1e-3;

  /** Default warning level. */
  public static final double WARNING_LEVEL = 0.05;

  /** Returns the decision for a p-value in (0, 1]. */
  public static CacheDecision of(double p, double rejectionLevel, double warningLevel) {
    if (!(p > 0 && p <= 1) || !(rejectionLevel > 0 && rejectionLevel <= warningLevel)) {
      throw new IllegalArgumentException(
          "p " + p + ", levels " + rejectionLevel + " and " + warningLevel);
    }
    if (p <= rejectionLevel) {
      return REJECT;
    }
    return p <= warningLevel ? INCONCLUSIVE : PLAUSIBLE;
  }

  /**
   * The e-value of cache rows and token check together: their mean, which holds however the two
   * depend on each other.
   */
  public static double combined(double cacheEValue, double tokenEValue) {
    return EValues.mean(cacheEValue, tokenEValue);
  }
}
