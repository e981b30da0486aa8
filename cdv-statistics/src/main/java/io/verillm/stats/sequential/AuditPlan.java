package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/** How many audits a plan needs. Thread-safe. */
@CheckReturnValue
public final class AuditPlan {
  private AuditPlan() {}

  /**
   * Returns the smallest number of audits that meet a deviation of rate {@code rate} at least once
   * with probability {@code confidence}, if one audit of a deviating answer always shows it.
   */
  public static long zeroTolerance(double rate, double confidence) {
    Require.open01(rate, "rate");
    Require.open01(confidence, "confidence");
    return (long) Math.ceil(Math.log1p(-confidence) / Math.log1p(-rate) - 1e-12);
  }
}
