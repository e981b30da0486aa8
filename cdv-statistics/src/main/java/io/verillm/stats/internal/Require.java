package io.verillm.stats.internal;

/** Argument checks whose messages name the argument. */
public final class Require {
  private Require() {}

  /** Returns {@code sample} if it has at least {@code minimum} values, all finite. */
  public static double[] finite(double[] sample, String name, int minimum) {
    if (sample.length < minimum) {
      throw new IllegalArgumentException(
          name + " needs at least " + minimum + " values, has " + sample.length);
    }
    for (int i = 0; i < sample.length; i++) {
      if (!Double.isFinite(sample[i])) {
        throw new IllegalArgumentException(name + "[" + i + "] is not finite: " + sample[i]);
      }
    }
    return sample;
  }

  /** Returns {@code value} if it lies strictly between 0 and 1. */
  public static double open01(double value, String name) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must lie in (0, 1): " + value);
    }
    return value;
  }

  /** Returns {@code value} if it lies in [0, 1]. */
  public static double unit(double value, String name) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must lie in [0, 1]: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it is positive and finite. */
  public static double positive(double value, String name) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be positive and finite: " + value);
    }
    return value;
  }

  /** Returns {@code value} if it is at least {@code minimum}. */
  public static int atLeast(int value, int minimum, String name) {
    if (value < minimum) {
      throw new IllegalArgumentException(name + " must be at least " + minimum + ": " + value);
    }
    return value;
  }

  /** Refuses with {@code message} unless {@code condition} holds. */
  public static void that(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
