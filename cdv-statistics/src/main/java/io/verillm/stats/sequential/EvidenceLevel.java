package io.verillm.stats.sequential;

/**
 * How much evidence has gathered against one node.
 *
 * <p>Even {@link #SUBSTANTIAL} is statistical: acting on it needs a fresh re-execution by another
 * owner, and a single flag never reaches it.
 */
public enum EvidenceLevel {
  /** E below 20. */
  NONE,
  /** E of at least 20: warn. */
  WARNING,
  /** E of at least 100: demote. */
  STRONG,
  /** E of at least 10⁴: the level from which settlement may ask for a fresh re-execution. */
  SUBSTANTIAL;

  /** Returns the level of ln E. */
  public static EvidenceLevel ofLogE(double logE) {
    if (logE >= Math.log(1e4)) {
      return SUBSTANTIAL;
    }
    if (logE >= Math.log(100)) {
      return STRONG;
    }
    return logE >= Math.log(20) ? WARNING : NONE;
  }
}
