package io.verillm.stats.random;

import io.verillm.stats.internal.Require;

/**
 * A 64-bit generator with one word of state: {@code state += 0x9E3779B97F4A7C15}, then a fixed mix.
 *
 * <p>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 * Exact: the same seed and stream give the same numbers everywhere. One object belongs to one
 * thread. It is a generator for relabelling and simulation; it does not withstand someone who wants
 * to predict it, so seeds of audits come from a beacon.
 */
public final class SplitMix64 {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private long state;
  private double spareGaussian;
  private boolean hasSpare;

  /** Starts the generator at {@code seed}. */
  public SplitMix64(long seed) {
    this.state = seed;
  }

  /** Returns the generator of numbered stream {@code stream} under {@code seed}. */
  public static SplitMix64 stream(long seed, long stream) {
    return new SplitMix64(mix(seed + GOLDEN) ^ mix(mix(stream * GOLDEN + 0x632BE59BD9B4E019L)));
  }

  /** Restarts this object as {@link #stream(long, long)} would, without allocation. */
  public void restart(long seed, long stream) {
    state = mix(seed + GOLDEN) ^ mix(mix(stream * GOLDEN + 0x632BE59BD9B4E019L));
    hasSpare = false;
  }

  private static long mix(long word) {
    long z = word;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Returns the next 64 bits. */
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** Returns a double in [0, 1) with 53 random bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Returns a double in (0, 1), never an end point. */
  public double nextOpenDouble() {
    return ((nextLong() >>> 12) + 0.5) * 0x1.0p-52;
  }

  /**
   * Returns an integer in [0, bound), exactly uniform (multiply and reject, Lemire 2019).
   *
   * @param bound positive
   */
  public int nextInt(int bound) {
    Require.atLeast(bound, 1, "bound");
    long product = (nextLong() >>> 32) * bound;
    long low = product & 0xFFFFFFFFL;
    if (low < bound) {
      long threshold = (0x100000000L - bound) % bound;
      while (low < threshold) {
        product = (nextLong() >>> 32) * bound;
        low = product & 0xFFFFFFFFL;
      }
    }
    return (int) (product >>> 32);
  }

  /** Returns a standard normal number (Marsaglia's polar method with StrictMath, replayable). */
  public double nextGaussian() {
    if (hasSpare) {
      hasSpare = false;
      return spareGaussian;
    }
    while (true) {
      double u = 2 * nextDouble() - 1;
      double v = 2 * nextDouble() - 1;
      double s = u * u + v * v;
      if (s > 0 && s < 1) {
        double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
        spareGaussian = v * factor;
        hasSpare = true;
        return u * factor;
      }
    }
  }

  /** Returns a standard exponential number. */
  public double nextExponential() {
    return -StrictMath.log(nextOpenDouble());
  }

  /** Shuffles {@code values} in place, every order equally likely. */
  public void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  /**
   * Returns {@code count} distinct indices below {@code population}, every set equally likely
   * (Floyd's algorithm; the cost does not depend on the population).
   */
  public int[] distinct(int population, int count) {
    Require.that(count >= 0 && count <= population, "count must lie in [0, population]: " + count);
    int[] chosen = new int[count];
    for (int i = 0; i < count; i++) {
      int value = nextInt(population - count + i + 1);
      for (int j = 0; j < i; j++) {
        if (chosen[j] == value) {
          value = population - count + i;
          break;
        }
      }
      chosen[i] = value;
    }
    return chosen;
  }
}
