package io.verillm.exec;

/**
 * The comparison of hidden states as published: shares of exponent mismatches, of large mantissa
 * deviations among them, of small ones among the matches, and the signed mean difference.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257), section 8.2. The publication leaves the mantissa's radix
 * and the two deviation bounds open; the defaults here (radix 10, 0.2, 5) give its table columns a
 * meaning: with mantissas in [1, 10), rounding noise across a power of ten differs by about 9. It
 * is kept for comparison: it has no error rate of its own, and a passed comparison does not say
 * that the tokens were drawn from the model's distribution.
 *
 * <p>Rules for the edges: zero matches zero with deviation 0; one zero is a mismatch; opposite
 * signs are a mismatch with deviation 0; no mismatch leaves {@code largeAmongMismatches} vacuous
 * (1); no match, and any value that is not finite, rejects.
 *
 * @param elements compared elements
 * @param exponentMismatches P_e, share of elements whose exponents in that radix differ
 * @param largeAmongMismatches P_m, share of mismatches with a mantissa deviation above e_m
 * @param smallAmongMatches P_w, share of matches with a mantissa deviation below e_w; 0 if none
 * @param meanDifference mean of claimed − rerun
 * @param finite whether all values were finite; if not, the shares are worst
 */
public record VeriLlmStatistics(
    int elements,
    double exponentMismatches,
    double largeAmongMismatches,
    double smallAmongMatches,
    double meanDifference,
    boolean finite) {

  /**
   * What the comparison is made with.
   *
   * @param radix 2 or 10: mantissas are in [1, radix)
   * @param smallDeviation e_w
   * @param largeDeviation e_m
   * @param maxExponentMismatches bound of P_e, exclusive
   * @param minLargeAmongMismatches bound of P_m, exclusive
   * @param minSmallAmongMatches bound of P_w, exclusive
   * @param maxMeanDifference bound of |mean|, inclusive
   */
  public record Parameters(
      int radix,
      double smallDeviation,
      double largeDeviation,
      double maxExponentMismatches,
      double minLargeAmongMismatches,
      double minSmallAmongMatches,
      double maxMeanDifference) {
    /** Checks every number. */
    public Parameters {
      if (radix != 2 && radix != 10) {
        throw new IllegalArgumentException("radix " + radix + " is neither 2 nor 10");
      }
      if (!(smallDeviation > 0 && largeDeviation >= smallDeviation && largeDeviation < radix)) {
        throw new IllegalArgumentException(
            "deviations " + smallDeviation + " and " + largeDeviation);
      }
      if (!(maxExponentMismatches > 0 && maxExponentMismatches <= 1)
          || !(minLargeAmongMismatches >= 0 && minLargeAmongMismatches < 1)
          || !(minSmallAmongMatches >= 0 && minSmallAmongMatches < 1)
          || !(maxMeanDifference >= 0 && maxMeanDifference < Double.MAX_VALUE)) {
        throw new IllegalArgumentException("a bound is out of range");
      }
    }

    /** The published off-chain thresholds 0.05, 0.75, 0.80 and 0.01. */
    public static Parameters published() {
      return new Parameters(10, 0.2, 5, 0.05, 0.75, 0.80, 0.01);
    }
  }

  /**
   * Compares two rows.
   *
   * @param claimed prover's states
   * @param rerun verifier's states, as many
   * @throws IllegalArgumentException if there are none or the lengths differ
   */
  public static VeriLlmStatistics compare(float[] claimed, float[] rerun, Parameters parameters) {
    if (claimed.length == 0 || claimed.length != rerun.length) {
      throw new IllegalArgumentException(
          claimed.length + " claimed and " + rerun.length + " rerun values");
    }
    int mismatches = 0;
    int large = 0;
    int small = 0;
    double sum = 0;
    for (int i = 0; i < claimed.length; i++) {
      float a = claimed[i];
      float b = rerun[i];
      if (!Float.isFinite(a) || !Float.isFinite(b)) {
        return new VeriLlmStatistics(claimed.length, 1, 0, 0, Double.NaN, false);
      }
      sum += (double) a - b;
      if (a == 0 && b == 0) {
        small++;
      } else if (a == 0 || b == 0 || (a < 0) != (b < 0)) {
        mismatches++;
      } else {
        int radix = parameters.radix();
        int exponentA = exponent(a, radix);
        int exponentB = exponent(b, radix);
        double deviation = Math.abs(mantissa(a, exponentA, radix) - mantissa(b, exponentB, radix));
        if (exponentA != exponentB) {
          mismatches++;
          large += deviation > parameters.largeDeviation() ? 1 : 0;
        } else {
          small += deviation < parameters.smallDeviation() ? 1 : 0;
        }
      }
    }
    int n = claimed.length;
    int matches = n - mismatches;
    return new VeriLlmStatistics(
        n,
        (double) mismatches / n,
        mismatches == 0 ? 1 : (double) large / mismatches,
        matches == 0 ? 0 : (double) small / matches,
        sum / n,
        true);
  }

  /** Whether all four published conditions hold. */
  public boolean accepts(Parameters parameters) {
    boolean noMismatch = exponentMismatches == 0;
    boolean anyMatch = exponentMismatches < 1;
    return finite
        && anyMatch
        && exponentMismatches < parameters.maxExponentMismatches()
        && (noMismatch || largeAmongMismatches > parameters.minLargeAmongMismatches())
        && smallAmongMatches > parameters.minSmallAmongMatches()
        && Math.abs(meanDifference) <= parameters.maxMeanDifference();
  }

  /** For radix 2 bits 23 to 30 of the binary32 form; for radix 10 the decimal exponent. */
  static int exponent(float value, int radix) {
    if (radix == 2) {
      return Float.floatToRawIntBits(value) >>> 23 & 0xFF;
    }
    double magnitude = Math.abs((double) value);
    int guess = (int) Math.floor(StrictMath.log10(magnitude));
    double scaled = magnitude / StrictMath.pow(10, guess);
    return scaled >= 10 ? guess + 1 : scaled < 1 ? guess - 1 : guess;
  }

  /** The absolute value's significand: in [1, radix), below 1 for binary subnormals. */
  static double mantissa(float value, int exponent, int radix) {
    double magnitude = Math.abs((double) value);
    return radix == 2
        ? magnitude / Math.scalb(1.0, Math.max(exponent, 1) - 127)
        : magnitude / StrictMath.pow(10, exponent);
  }
}
