package io.verillm.stats;

/**
 * A closed interval with the confidence at which it was computed.
 *
 * <p>It does not say that the true value lies inside with that probability after the data are seen.
 *
 * @param lower lower end, possibly negative infinity
 * @param upper upper end, at least {@code lower}
 * @param confidence nominal coverage in (0, 1)
 */
public record Interval(double lower, double upper, double confidence) {
  /** Refuses NaN ends, reversed ends and a confidence outside (0, 1). */
  public Interval {
    if (!(lower <= upper)) {
      throw new IllegalArgumentException("interval needs lower <= upper: " + lower + ", " + upper);
    }
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must lie in (0, 1): " + confidence);
    }
  }

  /** Returns whether {@code value} lies inside, ends included. */
  public boolean contains(double value) {
    return lower <= value && value <= upper;
  }
}
