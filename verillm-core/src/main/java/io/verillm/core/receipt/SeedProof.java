package io.verillm.core.receipt;

import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Ecvrf;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The ECVRF proof (RFC 9381) whose output is the sampling seed. Compared by content. Immutable.
 *
 * <p>Its input is the order's digest, so neither the prover nor the client can choose the seed: the
 * client does not know the prover's key, the prover does not choose the order.
 */
public final class SeedProof {
  /** Length in bytes. */
  public static final int LENGTH = 80;

  private static final byte[] TAG = "verillm/sampling-seed/v1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;

  private SeedProof(byte[] owned) {
    this.bytes = owned;
  }

  /**
   * Copies a proof.
   *
   * @throws IllegalArgumentException if it is not 80 bytes long
   */
  public static SeedProof copyOf(byte[] source) {
    if (source.length != LENGTH) {
      throw new IllegalArgumentException("a seed proof needs 80 bytes, got " + source.length);
    }
    return new SeedProof(source.clone());
  }

  /** Proves the seed for an order. */
  public static SeedProof prove(SigningKey prover, Digest32 order) {
    return new SeedProof(Ecvrf.prove(prover, input(order)));
  }

  /** The seed, or empty if the proof is not the key's for this order. */
  public Optional<SamplingSeed> seed(VerifyingKey prover, Digest32 order) {
    return Ecvrf.verify(prover, input(order), bytes).map(SamplingSeed::derive);
  }

  private static byte[] input(Digest32 order) {
    byte[] input = Arrays.copyOf(TAG, TAG.length + Digest32.LENGTH);
    System.arraycopy(order.toByteArray(), 0, input, TAG.length, Digest32.LENGTH);
    return input;
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SeedProof that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
