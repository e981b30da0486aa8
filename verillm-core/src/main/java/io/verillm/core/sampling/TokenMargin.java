package io.verillm.core.sampling;

/**
 * How far the verifier's logits are from drawing the claimed token.
 *
 * <p>The value is in logits, whatever the temperature: it is 0 if the token is drawn, and at most
 * 2ε if the prover drew it by the rule from logits that differ from the verifier's by at most ε
 * everywhere (after penalties and bias; a repetition penalty θ stretches ε by max(θ, 1/θ)). With
 * score(v) = logit(v) + temperature·noise(v), entry and exclusion costs as in the support rule, it
 * is
 *
 * <pre>
 * max(entry(c), max over b of min(score(b) − score(c), exclusion(b)))
 * </pre>
 *
 * so that a better token counts only as far as it is firmly in the support. Without top-k and top-p
 * this is score(best) − score(c). A small margin does not prove that the prover ran the model: each
 * token leaves it a choice among those within tolerance, see {@link SamplingStep#bitsOfFreedom}.
 *
 * @param token the claimed token
 * @param value from 0 to {@link #CEILING}, never NaN or infinite
 * @param standing where the token stands in the verifier's support
 */
public record TokenMargin(int token, double value, Standing standing) {
  /** Larger margins are reported as this. */
  public static final double CEILING = 1e9;

  /** Where a claimed token stands. */
  public enum Standing {
    /** It may be drawn. */
    IN_SUPPORT,
    /** Top-k or top-p removed it; a near tie at the boundary explains that. */
    OUTSIDE_SUPPORT,
    /**
     * An end token before the order's minimum: no logits whatever draw it. The value is {@link
     * #CEILING}.
     */
    SUPPRESSED
  }

  /** Refuses a value outside its range. */
  public TokenMargin {
    if (!(value >= 0 && value <= CEILING)) {
      throw new IllegalArgumentException("margin " + value + " is not in 0.." + CEILING);
    }
  }
}
