package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * Wald's sequential probability ratio test of a flag rate p0 against p1 &gt; p0.
 *
 * <p>Its error rates hold approximately (Wald's bounds) and only for the two named rates; a rate
 * between them is nobody's hypothesis. Immutable.
 *
 * @param p0 honest rate
 * @param p1 rate to detect, above p0
 * @param alpha wrong decisions at p0
 * @param beta wrong decisions at p1
 */
@CheckReturnValue
public record Sprt(double p0, double p1, double alpha, double beta) {
  /** What the test says so far. */
  public enum Decision {
    /** Stop: the rate is p1 rather than p0. */
    DEVIATES,
    /** Stop: the rate is p0 rather than p1. */
    HONEST,
    /** Keep on observing. */
    CONTINUE
  }

  /** Refuses rates and errors outside (0, 1), p1 not above p0, and alpha + beta of 1 or more. */
  public Sprt {
    Require.open01(p0, "p0");
    Require.open01(p1, "p1");
    Require.open01(alpha, "alpha");
    Require.open01(beta, "beta");
    Require.that(p1 > p0, "p1 must exceed p0: " + p1 + ", " + p0);
    Require.that(alpha + beta < 1, "alpha + beta must stay below 1");
  }

  /** Returns ln(p1/p0), what one flag adds. */
  public double flagStep() {
    return Math.log(p1 / p0);
  }

  /** Returns ln((1−p1)/(1−p0)), what one quiet audit adds; negative. */
  public double quietStep() {
    return Math.log((1 - p1) / (1 - p0));
  }

  /** Returns ln((1−β)/α), from which on the node deviates. */
  public double upperBoundary() {
    return Math.log((1 - beta) / alpha);
  }

  /** Returns ln(β/(1−α)), down to which the node is honest. */
  public double lowerBoundary() {
    return Math.log(beta / (1 - alpha));
  }

  /** Returns the decision at log-likelihood ratio {@code sum}; a first crossing is final. */
  public Decision decide(double sum) {
    if (sum >= upperBoundary()) {
      return Decision.DEVIATES;
    }
    return sum <= lowerBoundary() ? Decision.HONEST : Decision.CONTINUE;
  }

  /** Returns Wald's approximate expected number of audits when the rate is p0. */
  public double expectedAuditsHonest() {
    double drift = p0 * flagStep() + (1 - p0) * quietStep();
    return (alpha * upperBoundary() + (1 - alpha) * lowerBoundary()) / drift;
  }

  /** Returns Wald's approximate expected number of audits when the rate is p1. */
  public double expectedAuditsDeviating() {
    double drift = p1 * flagStep() + (1 - p1) * quietStep();
    return ((1 - beta) * upperBoundary() + beta * lowerBoundary()) / drift;
  }
}
