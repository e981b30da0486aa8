package io.verillm.core.challenge;

import io.verillm.core.wire.Digest32;
import java.util.Objects;
import java.util.Optional;

/**
 * A nonce that one verifier drew and committed to in the order. It convinces that verifier and
 * nobody else, so verdicts from it are private and settle nothing.
 *
 * @param commitment SHA-256 of the 32-byte nonce, as the order carries it
 */
public record VerifierNonce(Digest32 commitment) implements RandomnessSource {
  /** Refuses null. */
  public VerifierNonce {
    Objects.requireNonNull(commitment, "commitment");
  }

  @Override
  public Digest32 id() {
    return commitment;
  }

  @Override
  public Optional<Digest32> check(RandomnessValue value) {
    byte[] nonce = value.proof();
    boolean opens =
        value.source().equals(commitment)
            && value.round() == 0
            && nonce.length == Digest32.LENGTH
            && Digest32.sha256(nonce).equals(commitment);
    return opens ? Optional.of(Digest32.copyOf(nonce)) : Optional.empty();
  }

  /** Opens the commitment. */
  public static RandomnessValue reveal(Digest32 nonce) {
    byte[] bytes = nonce.toByteArray();
    return new RandomnessValue(Digest32.sha256(bytes), 0, bytes);
  }
}
