package io.verillm.stats.sequential;

import io.verillm.stats.internal.Require;

/**
 * Wealth of a bet that values in [0, 1] have a mean above μ0: W = Π (1 + λ_t (x_t − μ0)).
 *
 * <p>λ_t is fixed before x_t is seen and lies in [0, 1/μ0), so W stays positive and is a
 * supermartingale whenever the conditional mean is at most μ0 (Waudby-Smith and Ramdas, JRSS B
 * 2024). With μ0 a tolerated distance ε this is the tolerance null {@literal dist <= ε}: benign
 * changes below ε lose money on average. One object belongs to one thread.
 */
public final class MeanBetting {
  private final double mu0;
  private final double fixed;
  private final double cap;
  private double logWealth;
  private double sum;
  private double sumSquares;
  private long count;

  private MeanBetting(double mu0, double fixed) {
    this.mu0 = Require.open01(mu0, "mu0");
    this.fixed = fixed;
    this.cap = 0.5 / mu0;
  }

  /**
   * Returns the bet with one λ for all values.
   *
   * @param lambda in [0, 1/mu0)
   */
  public static MeanBetting fixed(double mu0, double lambda) {
    Require.open01(mu0, "mu0");
    Require.that(lambda >= 0 && lambda * mu0 < 1, "lambda must lie in [0, 1/mu0): " + lambda);
    return new MeanBetting(mu0, lambda);
  }

  /** Returns the bet that follows past mean and variance, capped at half of what ruins it. */
  public static MeanBetting adaptive(double mu0) {
    return new MeanBetting(mu0, Double.NaN);
  }

  /** Returns the stake on the next value; it depends on past values only. */
  public double lambda() {
    if (!Double.isNaN(fixed)) {
      return fixed;
    }
    double mean = (mu0 + sum) / (1 + count);
    double gap = mean - mu0;
    double spread = (0.25 + sumSquares) / (1 + count);
    return gap <= 0 ? 0 : Math.min(cap, gap / (spread + gap * gap));
  }

  /** Takes a value in [0, 1] into account. */
  public void update(double x) {
    Require.unit(x, "x");
    logWealth += Math.log1p(lambda() * (x - mu0));
    count++;
    sum += x;
    double mean = (mu0 + sum) / (1 + count);
    sumSquares += (x - mean) * (x - mean);
  }

  /** Returns ln W. */
  public double logWealth() {
    return logWealth;
  }

  /** Returns W, an e-value at any time. */
  public double wealth() {
    return Math.exp(logWealth);
  }
}
