package io.verillm.exec;

import java.util.Arrays;

/**
 * The statistics of the token check: the largest margin, and the mean of the square roots of all
 * margins. A mean alone would drown one swapped token. The root plays the part of a clip: honest
 * margins are few and nearly exponential, so that the sum of their roots has a lighter tail than
 * their sum, and many middling margins, as of 4-bit weights, stand out. One thread.
 *
 * <p>An honest prover whose logits lie within ε of the verifier's draws tokens with margins of at
 * most 2ε (see {@link io.verillm.core.sampling.TokenMargin}). So the honest distribution of ε over
 * sequences, which calibration measures directly, bounds the distribution of the largest margin at
 * every temperature. For the settings of the calibration the largest margin has its own, sharper
 * distribution.
 */
public final class TokenScores {
  /** Name of the calibrated largest difference of logits of a sequence, ε. */
  public static final String LARGEST_DIFFERENCE = "TOKENS/largest-logit-difference";

  /** Name of the largest margin of a sequence. */
  public static final String LARGEST_MARGIN = "TOKENS/largest-margin";

  /** Name of the mean over tokens of the square root of the margin. */
  public static final String MEAN_ROOT_MARGIN = "TOKENS/mean-root-margin";

  /** Smallest mean excess of a tail, in millionths of a logit or of its root. */
  public static final long RESOLUTION = 100;

  private double[] margins = new double[64];
  private int count;
  private int largestAt = -1;

  /** Makes an empty collection. */
  public TokenScores() {}

  /**
   * Adds the margin of one token.
   *
   * @param position position of the token
   */
  public void add(double margin, int position) {
    if (count == margins.length) {
      margins = Arrays.copyOf(margins, 2 * count);
    }
    if (margin > largest()) {
      largestAt = position;
    }
    margins[count++] = margin;
  }

  /** Tokens measured. */
  public int count() {
    return count;
  }

  /** Largest margin in logits; 0 if there is none. */
  public double largest() {
    double largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, margins[i]);
    }
    return largest;
  }

  /** Position of the token with the largest margin, −1 if all are 0. */
  public int largestAt() {
    return largestAt;
  }

  /** Largest margin in millionths. */
  public long largestMicros() {
    return Math.round(largest() * 1e6);
  }

  /** Half the largest margin in millionths: at most the ε of an honest sequence. */
  public long halfLargestMicros() {
    return Math.round(Math.min(1e9, largest() / 2) * 1e6);
  }

  /** Tokens whose margin is above a bound, in millionths of a logit. */
  public int extremes(long boundMicros) {
    int above = 0;
    for (int i = 0; i < count; i++) {
      above += margins[i] * 1e6 > boundMicros ? 1 : 0;
    }
    return above;
  }

  /** Mean of the roots of margins, in millionths of √logit, rounded down; 0 without tokens. */
  public long meanRootMicros() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.sqrt(margins[i]);
    }
    return count == 0 ? 0 : (long) (1e6 * sum / count);
  }
}
