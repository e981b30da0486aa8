package io.verillm.stats.permutation;

import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;

/**
 * A permutation p-value with what is needed to recompute it.
 *
 * <p>It is valid only if the items were exchangeable inside each stratum; tokens inside one answer
 * are not.
 *
 * @param observed statistic of the observed labels
 * @param pValue exact proportion, or add-one proportion, or h/b after early stopping
 * @param method EXACT or PERMUTATION
 * @param evaluated splits evaluated (all of them when exact)
 * @param exceedances evaluated splits with a statistic at least as large as observed
 * @param stoppedEarly whether the draws ended at the exceedance limit
 */
public record PermutationResult(
    double observed,
    double pValue,
    PValueMethod method,
    long evaluated,
    long exceedances,
    boolean stoppedEarly) {
  /** Returns the same outcome under the name {@code test}. */
  public TestResult toTestResult(String test) {
    return new TestResult(test, observed, pValue, method);
  }
}
