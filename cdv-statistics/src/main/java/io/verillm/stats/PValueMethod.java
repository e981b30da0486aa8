package io.verillm.stats;

/** How a p-value was obtained. */
public enum PValueMethod {
  /** Every split, path or table was counted: the p-value has no sampling error. */
  EXACT,
  /** Random relabelling with the add-one rule: valid at any number of draws, never 0. */
  PERMUTATION,
  /** Simulation of the statistic under the null law with the add-one rule. */
  MONTE_CARLO,
  /** Limit law for large samples: approximate, and the documentation says from which size on. */
  ASYMPTOTIC
}
