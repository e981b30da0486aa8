package io.verillm.network.beacon;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Ecvrf;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * The ECVRF output (RFC 9381) of one key on a beacon's value: the beacon's operators cannot predict
 * it without the key, and the key's holder cannot before the beacon's round. Both together can.
 *
 * <p>The proof is the ECVRF proof of 80 bytes followed by the beacon's own. The holder can withhold
 * a round that it does not like; where that matters use the beacon alone. The key must belong to
 * neither prover nor client.
 *
 * @param beacon the beacon
 * @param key the key that evaluates it
 */
@CheckReturnValue
public record VrfWithBeacon(RandomnessSource beacon, VerifyingKey key) implements RandomnessSource {
  private static final byte[] ID_TAG =
      "verillm/vrf-with-beacon/v1".getBytes(StandardCharsets.US_ASCII);

  /** Refuses nulls. */
  public VrfWithBeacon {
    Objects.requireNonNull(beacon, "beacon");
    Objects.requireNonNull(key, "key");
  }

  @Override
  public Digest32 id() {
    return Digest32.sha256(ID_TAG, beacon.id().toByteArray(), key.toByteArray());
  }

  @Override
  public Optional<Digest32> check(RandomnessValue value) {
    byte[] proof = value.proof();
    if (!value.source().equals(id()) || proof.length < Ecvrf.PROOF_LENGTH) {
      return Optional.empty();
    }
    byte[] beaconProof = Arrays.copyOfRange(proof, Ecvrf.PROOF_LENGTH, proof.length);
    byte[] vrfProof = Arrays.copyOf(proof, Ecvrf.PROOF_LENGTH);
    return beacon
        .check(new RandomnessValue(beacon.id(), value.round(), beaconProof))
        .flatMap(seen -> Ecvrf.verify(key, input(seen), vrfProof))
        .map(Digest32::sha256);
  }

  /**
   * Evaluates a round as the holder of the key.
   *
   * @throws IllegalArgumentException if the beacon's proof does not hold
   */
  public static RandomnessValue evaluate(
      RandomnessSource beacon, SigningKey holder, RandomnessValue round) {
    Digest32 seen =
        beacon
            .check(round)
            .orElseThrow(() -> new IllegalArgumentException("the beacon's proof does not hold"));
    byte[] vrfProof = Ecvrf.prove(holder, input(seen));
    byte[] beaconProof = round.proof();
    byte[] proof = Arrays.copyOf(vrfProof, vrfProof.length + beaconProof.length);
    System.arraycopy(beaconProof, 0, proof, vrfProof.length, beaconProof.length);
    return new RandomnessValue(
        new VrfWithBeacon(beacon, holder.verifyingKey()).id(), round.round(), proof);
  }

  private static byte[] input(Digest32 seen) {
    byte[] input = Arrays.copyOf(ID_TAG, ID_TAG.length + Digest32.LENGTH);
    seen.copyTo(input, ID_TAG.length);
    return input;
  }
}
