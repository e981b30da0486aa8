package io.verillm.core.sampling;

/**
 * The two statistics of the token check, and the freedom that the tolerance left. Integers, so that
 * merging in any order gives the same numbers.
 *
 * <p>A mean alone would drown one swapped token, so margins above an extreme bound are counted on
 * their own. Neither number is a verdict; calibration says what is usual.
 *
 * @param clipMicros margins enter the mean as at most this, in millionths of a logit
 * @param extremeMicros margins above this are counted, in millionths of a logit
 * @param tokens tokens measured
 * @param clippedSumMicros sum of clipped margins, each rounded to a millionth
 * @param extremes margins above the extreme bound
 * @param suppressed claimed tokens that no logits could draw; they are among the extremes
 * @param exact tokens with margin 0
 * @param largestMicros largest margin, rounded, at most {@link TokenMargin#CEILING}
 * @param freedomMicrobits choice left to the prover, in millionths of a bit
 */
public record TokenMarginStatistics(
    long clipMicros,
    long extremeMicros,
    long tokens,
    long clippedSumMicros,
    long extremes,
    long suppressed,
    long exact,
    long largestMicros,
    long freedomMicrobits) {
  private static final long MAX_BOUND = (long) (TokenMargin.CEILING * 1e6) - 1;

  /** Refuses bounds out of range and negative counts. */
  public TokenMarginStatistics {
    if (clipMicros < 1
        || clipMicros > MAX_BOUND
        || extremeMicros < 1
        || extremeMicros > MAX_BOUND) {
      throw new IllegalArgumentException(
          "bounds " + clipMicros + ", " + extremeMicros + " are not in 1.." + MAX_BOUND);
    }
    if (tokens < 0
        || clippedSumMicros < 0
        || extremes < 0
        || suppressed < 0
        || exact < 0
        || largestMicros < 0
        || freedomMicrobits < 0
        || Math.max(extremes, exact) > tokens) {
      throw new IllegalArgumentException("counts do not fit together");
    }
  }

  /** Statistics of no token. */
  public static TokenMarginStatistics empty(long clipMicros, long extremeMicros) {
    return new TokenMarginStatistics(clipMicros, extremeMicros, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Adds one token.
   *
   * @param freedomBits {@link SamplingStep#bitsOfFreedom} at the tolerance in use
   */
  public TokenMarginStatistics with(TokenMargin margin, double freedomBits) {
    if (!(freedomBits >= 0 && freedomBits <= 32)) {
      throw new IllegalArgumentException("freedom of " + freedomBits + " bits");
    }
    long micros = Math.round(margin.value() * 1e6);
    boolean isSuppressed = margin.standing() == TokenMargin.Standing.SUPPRESSED;
    return new TokenMarginStatistics(
        clipMicros,
        extremeMicros,
        tokens + 1,
        Math.addExact(clippedSumMicros, Math.min(micros, clipMicros)),
        extremes + (micros > extremeMicros ? 1 : 0),
        suppressed + (isSuppressed ? 1 : 0),
        exact + (margin.value() == 0 ? 1 : 0),
        Math.max(largestMicros, micros),
        freedomMicrobits + Math.round(freedomBits * 1e6));
  }

  /**
   * Merges with statistics of other tokens.
   *
   * @throws IllegalArgumentException if the bounds differ
   */
  public TokenMarginStatistics plus(TokenMarginStatistics other) {
    if (clipMicros != other.clipMicros || extremeMicros != other.extremeMicros) {
      throw new IllegalArgumentException("statistics with different bounds do not merge");
    }
    return new TokenMarginStatistics(
        clipMicros,
        extremeMicros,
        tokens + other.tokens,
        Math.addExact(clippedSumMicros, other.clippedSumMicros),
        extremes + other.extremes,
        suppressed + other.suppressed,
        exact + other.exact,
        Math.max(largestMicros, other.largestMicros),
        freedomMicrobits + other.freedomMicrobits);
  }

  /**
   * Mean of the clipped margins, in logits.
   *
   * @throws IllegalStateException if no token was measured, for then there is no mean
   */
  public double meanClipped() {
    if (tokens == 0) {
      throw new IllegalStateException("no token was measured");
    }
    return clippedSumMicros / 1e6 / tokens;
  }

  /** Choice left to the prover over all tokens, in bits. */
  public double freedomBits() {
    return freedomMicrobits / 1e6;
  }
}
