package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.internal.Special;

/**
 * Evidence that a flag rate exceeds p0: likelihood ratio mixed over a Beta(a, b) law cut to (p0,
 * 1).
 *
 * <p>E_n = ∫_{p0}^1 p^s (1−p)^(n−s) w(p) dp / (p0^s (1−p0)^(n−s)). Under any true rate of at most
 * p0 this is a supermartingale, so P(some E_n &ge; 1/α) &le; α however often one looks (Ville).
 * Every alternative lies above p0, so a node without flags never has E above 1. The published
 * two-sided mixture, {@link TwoSidedBetaMixture}, lacks that property.
 *
 * <p>Use: across receipts that share a calibration set only the exceedance of a fixed threshold
 * enters here, with p0 an upper confidence bound of the honest exceedance rate (see {@link
 * io.verillm.stats.robust.ClopperPearson}); products of dependent p-values do not.
 *
 * <p>A large E speaks against the rate p0, not for a particular cause. Immutable; thread-safe.
 */
@CheckReturnValue
public final class OneSidedBetaMixture {
  private final double p0;
  private final double a;
  private final double b;
  private final double logPrior;

  private OneSidedBetaMixture(double p0, double a, double b) {
    this.p0 = Require.open01(p0, "p0");
    this.a = Require.positive(a, "a");
    this.b = Require.positive(b, "b");
    this.logPrior = Special.logUpperBetaIntegralRatio(p0, a, b);
  }

  /** Returns the mixture with the uniform law on (p0, 1). */
  public static OneSidedBetaMixture uniform(double p0) {
    return new OneSidedBetaMixture(p0, 1, 1);
  }

  /** Returns the mixture with the Beta(a, b) law cut to (p0, 1). */
  public static OneSidedBetaMixture of(double p0, double a, double b) {
    return new OneSidedBetaMixture(p0, a, b);
  }

  /**
   * Returns ln E after {@code flags} flags in {@code audits} audits; finite.
   *
   * @throws IllegalArgumentException if flags is negative or above audits
   */
  public double logE(long flags, long audits) {
    Require.that(flags >= 0 && flags <= audits, "flags must lie in [0, audits]: " + flags);
    double later = a + flags;
    return Special.logUpperBetaIntegralRatio(p0, later, b + audits - flags) - logPrior;
  }

  /** Returns E after {@code flags} flags in {@code audits} audits; may be infinite. */
  public double e(long flags, long audits) {
    return Math.exp(logE(flags, audits));
  }

  /** Returns the largest honest rate that this evidence is about. */
  public double p0() {
    return p0;
  }
}
