package io.verillm.incentives.simulation;

/**
 * A mean over independent replications with its standard error.
 *
 * @param mean the mean
 * @param standardError standard deviation over the square root of the number of replications
 */
public record Estimate(double mean, double standardError) {
  /** Returns mean and standard error of a sample of at least two values. */
  static Estimate of(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Estimate(mean, Math.sqrt(squares / (values.length - 1) / values.length));
  }

  /** Returns the lower end of the interval of two standard errors. */
  public double low() {
    return mean - 2 * standardError;
  }

  /** Returns the upper end of the interval of two standard errors. */
  public double high() {
    return mean + 2 * standardError;
  }
}
