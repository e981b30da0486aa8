package io.verillm.incentives.slashing;

/**
 * Turns counts of exceedances into the logarithm of an e-value against "this node exceeds the
 * threshold no more often than an honest one". It has to be a supermartingale under every honest
 * rate up to its bound, start at zero, and never exceed zero without an exceedance: a mixture over
 * rates above the 99.99 % upper confidence bound of the honest rate is one.
 */
@FunctionalInterface
public interface ExceedanceWealth {
  /** Returns ln E after {@code exceedances} in {@code audits}. */
  double logE(long exceedances, long audits);
}
