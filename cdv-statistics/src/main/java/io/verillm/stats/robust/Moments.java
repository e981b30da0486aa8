package io.verillm.stats.robust;

import io.verillm.stats.internal.Require;

/**
 * Count, mean and central sums up to the fourth power in one pass, mergeable (Pébay, Sandia report
 * SAND2008-6212). Non-finite values are counted apart, never dropped in silence.
 *
 * <p>Equal moments do not show equal tensors: sign flips and permutations of a centred tensor pass.
 * Mutable; one object belongs to one thread.
 */
public final class Moments {
  private long count;
  private long nonFinite;
  private double mean;
  private double m2;
  private double m3;
  private double m4;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /** Returns the moments of {@code values}. */
  public static Moments of(double... values) {
    Moments moments = new Moments();
    for (double v : values) {
      moments.add(v);
    }
    return moments;
  }

  /** Takes one value into account. */
  public void add(double x) {
    if (!Double.isFinite(x)) {
      nonFinite++;
      return;
    }
    double before = count;
    count++;
    double delta = x - mean;
    double step = delta / count;
    double square = step * step;
    double term = delta * step * before;
    double n = count;
    mean += step;
    m4 += term * square * (n * n - 3 * n + 3) + 6 * square * m2 - 4 * step * m3;
    m3 += term * step * (n - 2) - 3 * step * m2;
    m2 += term;
    min = Math.min(min, x);
    max = Math.max(max, x);
  }

  /** Takes everything that {@code other} saw into account. */
  public void merge(Moments other) {
    nonFinite += other.nonFinite;
    if (other.count == 0) {
      return;
    }
    double a = count;
    double b = other.count;
    double n = a + b;
    double delta = other.mean - mean;
    double d2 = delta * delta;
    double newM4 =
        m4
            + other.m4
            + d2 * d2 * a * b * (a * a - a * b + b * b) / (n * n * n)
            + 6 * d2 * (a * a * other.m2 + b * b * m2) / (n * n)
            + 4 * delta * (a * other.m3 - b * m3) / n;
    double newM3 =
        m3
            + other.m3
            + d2 * delta * a * b * (a - b) / (n * n)
            + 3 * delta * (a * other.m2 - b * m2) / n;
    m2 += other.m2 + d2 * a * b / n;
    m3 = newM3;
    m4 = newM4;
    mean += delta * b / n;
    count += other.count;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
  }

  /** Returns how many finite values were seen. */
  public long count() {
    return count;
  }

  /** Returns how many NaN or infinite values were seen. */
  public long nonFinite() {
    return nonFinite;
  }

  /** Returns the smallest finite value, +∞ if there was none. */
  public double min() {
    return min;
  }

  /** Returns the largest finite value, −∞ if there was none. */
  public double max() {
    return max;
  }

  /** Returns the mean; needs one value. */
  public double mean() {
    need(1);
    return mean;
  }

  /** Returns the unbiased variance; needs two values. */
  public double variance() {
    need(2);
    return m2 / (count - 1);
  }

  /** Returns the square root of the unbiased variance. */
  public double standardDeviation() {
    return Math.sqrt(variance());
  }

  /** Returns the skewness √n M3 / M2^1.5; 0 if all values are equal. */
  public double skewness() {
    need(1);
    return m2 == 0 ? 0 : Math.sqrt((double) count) * m3 / Math.pow(m2, 1.5);
  }

  /** Returns the skewness corrected for bias; needs three values. */
  public double skewnessCorrected() {
    need(3);
    double n = count;
    return skewness() * Math.sqrt(n * (n - 1)) / (n - 2);
  }

  /** Returns the excess kurtosis n M4 / M2² − 3; 0 if all values are equal. */
  public double excessKurtosis() {
    need(1);
    return m2 == 0 ? 0 : count * m4 / (m2 * m2) - 3;
  }

  /** Returns the excess kurtosis corrected for bias; needs four values. */
  public double excessKurtosisCorrected() {
    need(4);
    double n = count;
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excessKurtosis() + 6);
  }

  private void need(int values) {
    Require.that(count >= values, "needs at least " + values + " finite values, has " + count);
  }
}
