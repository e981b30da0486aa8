package io.verillm.incentives.slashing;

/**
 * Chooses among the e-values of all nodes those that stand out; e-BH, which holds under any
 * dependence.
 */
@FunctionalInterface
public interface FamilyRule {
  /** Returns which of {@code eValues} are selected, in the same order. */
  boolean[] selected(double[] eValues);
}
