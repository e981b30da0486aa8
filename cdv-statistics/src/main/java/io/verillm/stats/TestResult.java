package io.verillm.stats;

import java.util.Objects;

/**
 * The outcome of one hypothesis test.
 *
 * <p>A small p-value says that the two sides differ; it does not say why, nor who is at fault, and
 * a large one does not prove that they are the same.
 *
 * @param test stable name of the test
 * @param statistic observed value of the statistic, finite
 * @param pValue P(statistic &ge; observed) under the null hypothesis, in [0, 1]
 * @param method how the p-value was obtained
 */
public record TestResult(String test, double statistic, double pValue, PValueMethod method) {
  /** Refuses a NaN statistic and a p-value outside [0, 1]. */
  public TestResult {
    Objects.requireNonNull(test, "test");
    Objects.requireNonNull(method, "method");
    if (Double.isNaN(statistic)) {
      throw new IllegalArgumentException(test + ": statistic is NaN");
    }
    if (!(pValue >= 0 && pValue <= 1)) {
      throw new IllegalArgumentException(test + ": p-value outside [0, 1]: " + pValue);
    }
  }

  /** Returns whether the p-value is at most {@code alpha}, a level in (0, 1). */
  public boolean rejectsAt(double alpha) {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha must lie in (0, 1): " + alpha);
    }
    return pValue <= alpha;
  }
}
