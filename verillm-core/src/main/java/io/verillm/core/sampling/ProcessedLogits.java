package io.verillm.core.sampling;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Logits after everything that changes them before temperature, in double and in this order:
 *
 * <ol>
 *   <li>bias is added;
 *   <li>repetition: a token that occurs in prompt or output has its logit divided by the penalty if
 *       it is above 0, else multiplied;
 *   <li>frequency: minus penalty times the number of occurrences in the output;
 *   <li>presence: minus penalty if it occurs in the output;
 *   <li>end tokens are suppressed before the minimum number of output tokens.
 * </ol>
 *
 * <p>This is the order of Hugging Face transformers (bias, repetition, end suppression; it has no
 * frequency or presence penalty) and of vLLM (bias and end suppression, then the three penalties:
 * the same result, as a suppressed token stays suppressed). llama.cpp differs: it penalises the
 * last 64 tokens by default and applies temperature after top-k and top-p.
 */
final class ProcessedLogits {
  /** Value of a token that no logits could make drawable. */
  static final double SUPPRESSED = Double.NEGATIVE_INFINITY;

  private ProcessedLogits() {}

  static double[] compute(
      float[] logits, SamplingManifest manifest, int[] tokens, int promptLength, int length) {
    double[] processed = new double[logits.length];
    for (int id = 0; id < logits.length; id++) {
      float logit = logits[id];
      if (!Float.isFinite(logit)) {
        throw new IllegalArgumentException("logit of token " + id + " is " + logit);
      }
      processed[id] = logit;
    }
    manifest
        .logitBiasMicros()
        .forEach(
            (id, bias) -> {
              if (id < processed.length) {
                processed[id] += bias / 1e6;
              }
            });
    if (manifest.repetitionPenaltyMicros() != SamplingManifest.ONE) {
      repeat(processed, manifest.repetitionPenaltyMicros() / 1e6, tokens, length);
    }
    double frequency = manifest.frequencyPenaltyMicros() / 1e6;
    double presence = manifest.presencePenaltyMicros() / 1e6;
    if (frequency != 0 || presence != 0) {
      Map<Integer, Integer> counts = new HashMap<>();
      for (int at = promptLength; at < length; at++) {
        counts.merge(tokens[at], 1, Integer::sum);
      }
      counts.forEach(
          (id, count) -> {
            processed[id] -= frequency * count;
            processed[id] -= presence;
          });
    }
    if (length - promptLength < manifest.minTokens()) {
      for (int id : manifest.eosIds()) {
        if (id < processed.length) {
          processed[id] = SUPPRESSED;
        }
      }
    }
    for (double value : processed) {
      if (value != SUPPRESSED) {
        return processed;
      }
    }
    throw new IllegalArgumentException("every token is suppressed");
  }

  private static void repeat(double[] processed, double penalty, int[] tokens, int length) {
    Set<Integer> seen = new HashSet<>();
    for (int at = 0; at < length; at++) {
      int id = tokens[at];
      if (seen.add(id)) {
        processed[id] = processed[id] > 0 ? processed[id] / penalty : processed[id] * penalty;
      }
    }
  }
}
