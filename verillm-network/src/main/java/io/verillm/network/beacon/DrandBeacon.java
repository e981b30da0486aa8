package io.verillm.network.beacon;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.wire.Digest32;
import io.verillm.network.message.BeaconSchedule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * A chain of drand's scheme {@code bls-unchained-g1-rfc9380}: the proof of round r is the 48-byte
 * threshold signature of SHA-256(r as 64 bits big-endian), and its value is SHA-256 of the
 * signature. Each round has exactly one signature, so nobody can choose a value.
 *
 * <p>It supposes that fewer than a threshold of the chain's operators work together; together they
 * could know every round in advance. Immutable and thread-safe.
 */
@CheckReturnValue
public final class DrandBeacon implements RandomnessSource {
  /** The name that policy files use for {@link #quicknet}. */
  public static final String QUICKNET_NAME = "drand-quicknet";

  /**
   * Key, genesis and period of quicknet, as its chain information publishes them under the chain
   * hash 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971.
   */
  private static final String QUICKNET_KEY =
      "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
          + "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
          + "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a";

  private static final long QUICKNET_GENESIS_MILLIS = 1_692_803_367_000L;
  private static final long QUICKNET_PERIOD_MILLIS = 3_000;
  private static final byte[] ID_TAG = "verillm/drand/v1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key;
  private final Digest32 id;
  private final BeaconSchedule schedule;
  private final BlsVerifier verifier;

  private DrandBeacon(byte[] owned, long genesisMillis, long periodMillis, BlsVerifier verifier) {
    this.key = owned;
    this.id = Digest32.sha256(ID_TAG, owned);
    this.schedule = new BeaconSchedule(id, genesisMillis, periodMillis);
    this.verifier = Objects.requireNonNull(verifier, "verifier");
  }

  /** The public chain with a round every three seconds, checked by what is fastest here. */
  public static DrandBeacon quicknet() {
    return quicknet(BlsVerifiers.best());
  }

  /** The public chain with a round every three seconds. */
  public static DrandBeacon quicknet(BlsVerifier verifier) {
    return new DrandBeacon(
        quicknetKey(), QUICKNET_GENESIS_MILLIS, QUICKNET_PERIOD_MILLIS, verifier);
  }

  /**
   * Another chain of the same scheme.
   *
   * @param key its public key, 96 bytes, compressed
   * @throws IllegalArgumentException if the key has another length or the times are out of range
   */
  public static DrandBeacon of(
      byte[] key, long genesisMillis, long periodMillis, BlsVerifier verifier) {
    if (key.length != BlsVerifier.KEY_BYTES) {
      throw new IllegalArgumentException("a key has 96 bytes, got " + key.length);
    }
    return new DrandBeacon(key.clone(), genesisMillis, periodMillis, verifier);
  }

  static byte[] quicknetKey() {
    return HexFormat.of().parseHex(QUICKNET_KEY);
  }

  /** What is signed in a round. */
  static byte[] message(long round) {
    return Digest32.sha256(ByteBuffer.allocate(8).putLong(round).array()).toByteArray();
  }

  @Override
  public Digest32 id() {
    return id;
  }

  /** When rounds come; job terms carry it. */
  public BeaconSchedule schedule() {
    return schedule;
  }

  /** Who checks the signatures. */
  public String verifierName() {
    return verifier.name();
  }

  /** Wraps a round's published signature as it travels in challenges. */
  public RandomnessValue round(long round, byte[] signature) {
    return new RandomnessValue(id, round, signature);
  }

  @Override
  public Optional<Digest32> check(RandomnessValue value) {
    byte[] signature = value.proof();
    boolean holds =
        value.source().equals(id)
            && value.round() >= 1
            && verifier.verify(key, message(value.round()), signature);
    return holds ? Optional.of(Digest32.sha256(signature)) : Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DrandBeacon that
        && Arrays.equals(key, that.key)
        && schedule.equals(that.schedule);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "DrandBeacon[" + id.shortHex() + ", checked by " + verifier.name() + "]";
  }
}
