package io.verillm.cache.sampling;

import io.verillm.core.order.TokenIds;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cells as a secret function of the tokens: HMAC-SHA-256 of the fed ids (32 bits big-endian each)
 * seeds the plan's draw. A client and a verifier that share a key agree on cells without a beacon;
 * a prover that learns the key knows every draw, past and future.
 */
public final class KeyedSampler implements CellSampler {
  private static final byte[] TAG = "verillm/keyed-cells/v1".getBytes(StandardCharsets.US_ASCII);

  private final SecretKeySpec key;
  private final SamplingPlan plan;

  /** Makes a sampler; the key has at least 16 bytes. */
  public KeyedSampler(byte[] key, SamplingPlan plan) {
    if (key.length < 16) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes is guessable");
    }
    this.key = new SecretKeySpec(key, "HmacSHA256");
    this.plan = plan;
  }

  @Override
  public Predictability predictability() {
    return Predictability.KEY_HOLDER;
  }

  @Override
  public SortedMap<Integer, List<Integer>> draw(TokenIds fed, TraceLayout layout) {
    ByteBuffer ids = ByteBuffer.allocate(4 * fed.size());
    for (int id : fed.toArray()) {
      ids.putInt(id);
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(TAG);
      Digest32 seed = Digest32.copyOf(mac.doFinal(ids.array()));
      return plan.challengePlan().draw(seed, layout, fed.size());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform provides HMAC-SHA-256", e);
    }
  }
}
