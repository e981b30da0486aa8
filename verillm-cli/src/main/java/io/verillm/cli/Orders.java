package io.verillm.cli;

import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Makes orders for raw prompts, as a client. */
final class Orders {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Orders() {}

  static JobOrder order(
      VerifyingKey node,
      LoadedModel model,
      byte[] request,
      TraceProfile profile,
      SamplingManifest sampling) {
    byte[] nonce = new byte[Digest32.LENGTH];
    RANDOM.nextBytes(nonce);
    TokenIds prompt =
        TokenIds.of(model.tokenizer().promptPrefix())
            .concat(
                TokenIds.of(
                    model.tokenizer().encode(new String(request, StandardCharsets.UTF_8), false)));
    return new JobOrder(
        node,
        model.executor().modelDigest(),
        model.tokenizer().digest(),
        Digest32.sha256(),
        Digest32.sha256(request),
        prompt,
        sampling,
        profile.digest(),
        EvidenceLevel.CACHE,
        Digest32.copyOf(nonce),
        Optional.empty(),
        System.currentTimeMillis() + Duration.ofMinutes(10).toMillis());
  }

  static SamplingManifest settings(
      double temperature,
      int topK,
      double topP,
      int minTokens,
      int maxTokens,
      List<Integer> eosIds) {
    return SamplingManifest.builder(maxTokens)
        .minTokens(minTokens)
        .temperatureMicros(micros("--temperature", temperature))
        .topK(topK)
        .topPMicros(micros("--top-p", topP))
        .eosIds(eosIds)
        .build();
  }

  private static int micros(String option, double value) {
    if (!(value >= 0 && value <= 100)) {
      throw new IllegalArgumentException(option + " " + value + " is not in 0..100");
    }
    return (int) Math.round(value * SamplingManifest.ONE);
  }
}
