package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import org.apache.commons.math3.special.Beta;

/**
 * The published mixture over all of (0, 1), kept for comparison.
 *
 * <p>E_n = B(a+s, b+n−s) / (B(a, b) p0^s (1−p0)^(n−s)). It tests rate = p0 in both directions: a
 * node without any flag reaches E &ge; 10⁴ after 786 audits at p0 = 0.02 and would be accused of
 * being too good. Verdicts use {@link OneSidedBetaMixture}.
 */
@CheckReturnValue
public record TwoSidedBetaMixture(double p0, double a, double b) {
  /** Refuses p0 outside (0, 1) and non-positive a, b. */
  public TwoSidedBetaMixture {
    Require.open01(p0, "p0");
    Require.positive(a, "a");
    Require.positive(b, "b");
  }

  /** Returns ln E after {@code flags} flags in {@code audits} audits. */
  public double logE(long flags, long audits) {
    Require.that(flags >= 0 && flags <= audits, "flags must lie in [0, audits]: " + flags);
    double quiet = (double) audits - flags;
    return Beta.logBeta(a + flags, b + quiet)
        - Beta.logBeta(a, b)
        - flags * Math.log(p0)
        - quiet * Math.log1p(-p0);
  }

  /** Returns E after {@code flags} flags in {@code audits} audits. */
  public double e(long flags, long audits) {
    return Math.exp(logE(flags, audits));
  }
}
