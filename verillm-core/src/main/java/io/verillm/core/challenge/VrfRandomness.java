package io.verillm.core.challenge;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Ecvrf;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/**
 * Rounds that are the ECVRF outputs (RFC 9381) of one published key on the round's number: anyone
 * can check a round, nobody without the key can predict one.
 *
 * <p>The key must belong to neither prover nor client: {@code ReceiptVerifier} refuses it if it
 * does. Its holder can predict every round and can withhold one; a threshold beacon cannot.
 *
 * @param key the key whose rounds these are
 */
public record VrfRandomness(VerifyingKey key) implements RandomnessSource {
  private static final byte[] ID_TAG =
      "verillm/vrf-randomness/v1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ROUND_TAG =
      "verillm/vrf-round/v1".getBytes(StandardCharsets.US_ASCII);

  /** Refuses null. */
  public VrfRandomness {
    Objects.requireNonNull(key, "key");
  }

  @Override
  public Digest32 id() {
    return Digest32.sha256(ID_TAG, key.toByteArray());
  }

  @Override
  public Optional<Digest32> check(RandomnessValue value) {
    if (!value.source().equals(id())) {
      return Optional.empty();
    }
    return Ecvrf.verify(key, input(value.round()), value.proof()).map(Digest32::sha256);
  }

  /** Evaluates a round as the holder of the key. */
  public static RandomnessValue evaluate(SigningKey holder, long round) {
    VrfRandomness source = new VrfRandomness(holder.verifyingKey());
    return new RandomnessValue(source.id(), round, Ecvrf.prove(holder, input(round)));
  }

  private static byte[] input(long round) {
    return ByteBuffer.allocate(ROUND_TAG.length + 8).put(ROUND_TAG).putLong(round).array();
  }
}
