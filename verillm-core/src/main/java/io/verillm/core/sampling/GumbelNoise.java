package io.verillm.core.sampling;

import java.util.Objects;

/**
 * The noise of one output sequence: one standard Gumbel number for every (position, token id).
 * Immutable, thread-safe, exact: {@link StrictMath} in a fixed order gives the same bits on every
 * platform.
 *
 * <p>Philox4x32-10 with counter (id &gt;&gt; 2, position, sequence index, {@value #DOMAIN}) and the
 * seed's key gives four words; token {@code id} takes word {@code x} number id &amp; 3. Then u = (x
 * + ½)·2⁻³² and g = −ln(−ln u), which lies in (−3.14, 22.9).
 *
 * <p><b>Position</b> is that of the token being chosen, counted from 0 over prompt and output: the
 * first output token after a prompt of n tokens has position n.
 */
public final class GumbelNoise {
  /** Last counter word, which keeps this use of a key apart from others. */
  public static final int DOMAIN = 1;

  /** Not below any value that {@link #at} gives. */
  static final double LARGEST = 22.9;

  private final SamplingSeed seed;
  private final int sequenceIndex;

  /**
   * @param sequenceIndex which of an order's parallel answers this is, from 0
   */
  public GumbelNoise(SamplingSeed seed, int sequenceIndex) {
    this.seed = Objects.requireNonNull(seed, "seed");
    if (sequenceIndex < 0) {
      throw new IllegalArgumentException("negative sequence index " + sequenceIndex);
    }
    this.sequenceIndex = sequenceIndex;
  }

  /**
   * Returns g of one token.
   *
   * @param position position of the token being chosen
   * @param id token id, at least 0
   */
  public double at(int position, int id) {
    int[] words = new int[4];
    words(position, id >> 2, words);
    return gumbel(words[id & 3]);
  }

  /** The four words of tokens 4·quad to 4·quad + 3. */
  void words(int position, int quad, int[] out) {
    Philox4x32.block(quad, position, sequenceIndex, DOMAIN, seed.key0(), seed.key1(), out, 0);
  }

  /** Maps a uniform word to a standard Gumbel number. */
  static double gumbel(int word) {
    double u = ((word & 0xFFFFFFFFL) + 0.5) * 0x1p-32;
    return -StrictMath.log(-StrictMath.log(u));
  }

  /**
   * A cheap number not below {@link #gumbel} of the same word: with z leading one bits, 1 − u is
   * above 2^−(z+1), −ln u is above that, and so g is below (z + 1)·ln 2.
   */
  static double atMost(int word) {
    return (Integer.numberOfLeadingZeros(~word) + 1) * 0.6931471805599454;
  }
}
