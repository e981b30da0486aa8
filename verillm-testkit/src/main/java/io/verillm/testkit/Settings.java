package io.verillm.testkit;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;

/** Settings that a deviating prover uses instead of the ordered ones. */
final class Settings {
  private Settings() {}

  static SamplingManifest cooler(SamplingManifest ordered) {
    return copy(ordered, ordered.maxTokens())
        .temperatureMicros(ordered.temperatureMicros() / 4)
        .build();
  }

  static SamplingManifest shorter(SamplingManifest ordered) {
    return copy(ordered, Math.max(1, ordered.maxTokens() / 3)).build();
  }

  static SamplingSeed ownSeed(SamplingSeed proven) {
    return SamplingSeed.ofKey(0x5eed, 1);
  }

  private static SamplingManifest.Builder copy(SamplingManifest ordered, int maxTokens) {
    return SamplingManifest.builder(maxTokens)
        .temperatureMicros(ordered.temperatureMicros())
        .topK(ordered.topK())
        .topPMicros(ordered.topPMicros())
        .repetitionPenaltyMicros(ordered.repetitionPenaltyMicros())
        .frequencyPenaltyMicros(ordered.frequencyPenaltyMicros())
        .presencePenaltyMicros(ordered.presencePenaltyMicros())
        .logitBiasMicros(ordered.logitBiasMicros())
        .minTokens(Math.min(ordered.minTokens(), maxTokens))
        .stops(ordered.stops())
        .eosIds(ordered.eosIds());
  }
}
