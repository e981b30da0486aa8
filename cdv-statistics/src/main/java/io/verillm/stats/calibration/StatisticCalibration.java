package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Arrays;
import java.util.Objects;

/**
 * One statistic's honest scores, one per sequence, and what follows from them. Immutable;
 * thread-safe; exact.
 *
 * <p>All scores are kept, so that anyone can fit the tails again. p-values against one calibration
 * depend on each other: they may be averaged as e-values, never multiplied.
 */
@CheckReturnValue
public final class StatisticCalibration {
  /** Which side of honest is suspicious. */
  public enum Side {
    /** Only large scores. */
    UPPER,
    /** Large scores, and scores too small to come from the declared class: too quiet. */
    BOTH
  }

  private final String name;
  private final Side side;
  private final long resolution;
  private final long[] sorted;
  private final TailModel upper;
  private final TailModel lower;

  private StatisticCalibration(String name, Side side, long resolution, long[] sorted) {
    this.name = name;
    this.side = side;
    this.resolution = resolution;
    this.sorted = sorted;
    this.upper = TailModel.fit(name, sorted, (double) resolution);
    this.lower =
        side == Side.BOTH ? TailModel.fit(name, negated(sorted), (double) resolution) : upper;
  }

  /**
   * Returns the calibration by honest scores.
   *
   * @param name stable name of the statistic, at most 128 ASCII characters
   * @param resolution smallest mean excess that a tail is given, in millionths, above 0
   * @param micros scores in millionths, one per sequence, at least 100; copied
   * @throws IllegalArgumentException if a tail is too heavy to be continued
   */
  public static StatisticCalibration of(String name, Side side, long resolution, long... micros) {
    Objects.requireNonNull(side, "side");
    Require.that(!name.isEmpty() && name.length() <= 128, "name of " + name.length());
    for (long score : micros) {
      Require.that(Math.abs(score) <= 1L << 50, "score out of range: " + score);
    }
    long[] sorted = micros.clone();
    Arrays.sort(sorted);
    return new StatisticCalibration(name, side, resolution, sorted);
  }

  private static long[] negated(long[] sorted) {
    long[] other = new long[sorted.length];
    for (int i = 0; i < other.length; i++) {
      other[i] = -sorted[other.length - 1 - i];
    }
    return other;
  }

  /** Stable name. */
  public String name() {
    return name;
  }

  /** Which side is suspicious. */
  public Side side() {
    return side;
  }

  /** Smallest mean excess that a tail is given, in millionths. */
  public long resolution() {
    return resolution;
  }

  /** Number of sequences. */
  public int sequences() {
    return sorted.length;
  }

  /** Ascending scores in millionths. */
  public long[] scores() {
    return sorted.clone();
  }

  /** The i-th smallest score. */
  public long score(int i) {
    return sorted[i];
  }

  /** Law beyond the 90 % quantile. */
  public TailModel upperTail() {
    return upper;
  }

  /**
   * Law of the negated scores beyond their 90 % quantile; the upper one for a one-sided statistic.
   */
  public TailModel lowerTail() {
    return lower;
  }

  /**
   * Returns the p-value of a new score: conformal up to the 90 % quantile, the tail law beyond it
   * and never less than the data's own share. Two-sided statistics count twice the smaller side.
   */
  public double pValue(long micros) {
    double high = above(micros);
    return side == Side.UPPER ? high : Math.min(1, 2 * Math.min(high, below(micros)));
  }

  private double above(long micros) {
    return oneSided(sorted.length - countBelow(micros), upper, (double) micros);
  }

  private double below(long micros) {
    return oneSided(countBelow(micros + 1), lower, (double) -micros);
  }

  private double oneSided(int atLeastAsFar, TailModel tail, double signed) {
    double n = sorted.length + 1.0;
    return signed > tail.from()
        ? Math.min(1, Math.max(tail.above(signed), atLeastAsFar / n))
        : (1 + atLeastAsFar) / n;
  }

  private int countBelow(long micros) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] >= micros) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Returns the smallest score whose upper p-value is at most {@code level}, in millionths. */
  public long highThreshold(double level) {
    return threshold(side == Side.BOTH ? level / 2 : level, true);
  }

  /** Returns the largest score whose lower p-value is at most {@code level}, in millionths. */
  public long lowThreshold(double level) {
    return side == Side.BOTH ? threshold(level / 2, false) : Long.MIN_VALUE >> 13;
  }

  private long threshold(double level, boolean high) {
    Require.open01(level, "level");
    long near = high ? sorted[0] : sorted[sorted.length - 1];
    long step = 1;
    while ((high ? above(near + step) : below(near - step)) > level) {
      step *= 2;
      Require.that(step < 1L << 51, "no score reaches level " + level);
    }
    long inside = 0;
    long outside = step;
    while (outside - inside > 1) {
      long middle = (inside + outside) >>> 1;
      if ((high ? above(near + middle) : below(near - middle)) > level) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return high ? near + outside : near - outside;
  }

  /** Returns the median, in millionths; the lower of two. */
  public long median() {
    return sorted[(sorted.length - 1) / 2];
  }

  /** Returns the interquartile range, at least the resolution, in millionths. */
  public long spread() {
    return Math.max(resolution, sorted[(3 * sorted.length) / 4] - sorted[sorted.length / 4]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StatisticCalibration that
        && name.equals(that.name)
        && side == that.side
        && resolution == that.resolution
        && Arrays.equals(sorted, that.sorted);
  }

  @Override
  public int hashCode() {
    return name.hashCode() * 31 + Arrays.hashCode(sorted);
  }
}
