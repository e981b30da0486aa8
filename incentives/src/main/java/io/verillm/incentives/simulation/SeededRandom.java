package io.verillm.incentives.simulation;

/**
 * SplitMix64 (Steele, Lea, Flood 2014), written out so that a seed means the same on every
 * platform.
 */
public final class SeededRandom {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private long state;

  /** Creates the generator of a seed. */
  public SeededRandom(long seed) {
    this.state = seed;
  }

  /** Returns 64 random bits. */
  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** Returns a number in [0, 1) with 53 random bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Returns true with the given probability. */
  public boolean happens(double probability) {
    return nextDouble() < probability;
  }

  /** Returns a whole number in [0, bound), unbiased. */
  public int nextInt(int bound) {
    long limit = (1L << 31) / bound * bound;
    long draw = nextLong() >>> 33;
    while (draw >= limit) {
      draw = nextLong() >>> 33;
    }
    return (int) (draw % bound);
  }

  /** Mixes 64 bits; a bijection. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
