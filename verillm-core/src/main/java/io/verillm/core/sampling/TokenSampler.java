package io.verillm.core.sampling;

import java.util.Objects;

/**
 * The rule that draws tokens: Gumbel-max over the filtered support. Immutable, thread-safe, exact
 * in its inputs: equal logits give equal tokens on every platform.
 *
 * <ol>
 *   <li>Logits are processed in double: bias, repetition, frequency and presence penalty, end
 *       suppression.
 *   <li>The support is top-k, then top-p of the softmax at the temperature; ties at a boundary go
 *       to the lower id. Hugging Face and vLLM keep all ties at the top-k boundary, which the
 *       margin forgives.
 *   <li>The token with the largest logit + temperature·noise in the support is drawn, ties to the
 *       lower id. This is the same choice as logit/temperature + noise; in units of logits a margin
 *       means the same at every temperature, and temperature 0 is no special case.
 * </ol>
 *
 * <p>Equal tokens do not prove that the prover ran the whole model, only that its tokens follow
 * from logits like the verifier's.
 */
public final class TokenSampler {
  private final SamplingManifest manifest;
  private final GumbelNoise noise;

  /**
   * @throws IllegalArgumentException if the manifest has a feature that cannot be replayed, see
   *     {@link SamplingManifest#unsupportedFeature}
   */
  public TokenSampler(SamplingManifest manifest, GumbelNoise noise) {
    this.manifest = Objects.requireNonNull(manifest, "manifest");
    this.noise = Objects.requireNonNull(noise, "noise");
    manifest
        .unsupportedFeature()
        .ifPresent(
            feature -> {
              throw new IllegalArgumentException("cannot replay " + feature);
            });
  }

  /**
   * Prepares the choice of the token at position {@code length}.
   *
   * @param logits one finite value per vocabulary entry, those that follow token {@code length} −
   *     1; not kept
   * @param tokens prompt, then output so far, in its first {@code length} entries
   * @param promptLength how many of them are prompt, at least 1
   * @throws IllegalArgumentException if a logit is NaN or infinite, a token is not in the
   *     vocabulary, lengths do not fit, or every token is suppressed: the caller's engine failed,
   *     and nothing is said about a prover
   */
  public SamplingStep step(float[] logits, int[] tokens, int promptLength, int length) {
    if (promptLength < 1 || length < promptLength || length > tokens.length) {
      throw new IllegalArgumentException(
          "prompt of " + promptLength + ", " + length + " tokens of " + tokens.length);
    }
    for (int at = 0; at < length; at++) {
      if (tokens[at] < 0 || tokens[at] >= logits.length) {
        throw new IllegalArgumentException(
            "token " + tokens[at] + " is not in a vocabulary of " + logits.length);
      }
    }
    double[] processed = ProcessedLogits.compute(logits, manifest, tokens, promptLength, length);
    return new SamplingStep(processed, manifest, noise, length);
  }

  /** Draws the token at position {@code length}, see {@link #step}. */
  public int draw(float[] logits, int[] tokens, int promptLength, int length) {
    return step(logits, tokens, promptLength, length).drawn();
  }
}
