package io.verillm.stats.permutation;

/** A statistic of one way to split the pooled items; large values speak against the null. */
@FunctionalInterface
public interface SplitStatistic {
  /**
   * Returns the statistic under {@code order}.
   *
   * <p>In every stratum s of the design, {@code order[offset(s) … offset(s) + first(s) − 1]} are
   * the item indices labelled sample one, the rest of the stratum is sample two. Must be
   * thread-safe, must not change {@code order}, and must not depend on the order inside a label
   * group beyond rounding.
   */
  double evaluate(int[] order);
}
