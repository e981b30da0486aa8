package io.verillm.network.beacon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.verdict.PolicyFile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rounds of quicknet as drand published them. Rounds 1000 and 12040883 also stand in the test data
 * of drand's tlock, 32281667, 32285085 and 32285086 were answers of api.drand.sh in September 2026.
 */
class DrandBeaconTest {
  private static final BlsVerifier JAVA = new BouncyCastleVerifier();
  private static final BlsVerifier BLST = BlsVerifiers.blst().orElseThrow();
  private static final byte[] ROUND_1000 =
      hex(
          "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63"
              + "ed5e39");

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  static Stream<BlsVerifier> verifiers() {
    return Stream.of(JAVA, BLST);
  }

  @ParameterizedTest
  @CsvSource({
    "1000,"
        + "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125"
        + "e342b73a8dd2bacbe47e4b6b63ed5e39,"
        + "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    "12040883,"
        + "929906c959032ab363c9f26570d215d66f5c06cb0c44fe508c12bb5839f04ec8"
        + "95bb6868e5b9ff13ab289bdb5266b394,",
    "32281667,"
        + "b0f5ae301358ff87a9d3dd539ed4a07c0148b1ab4f7b61a8ca43c7e9ca7ca955"
        + "3e4faae9188deb30b2cd1a7f447e3e5b,"
        + "4fd2fc55983dbfa3f446d8a0bd56f16cc8c5e76afd1ec154b60d477cbabed13b",
    "32285085,"
        + "81dbce51d584d90d618547f4b50391d53ace6f6b9aeb8fb67e1879427af9d031"
        + "0ac0ec6f519271d9a313ee84b378d416,",
    "32285086,"
        + "a64d99fd7fa3e48912be7209c7b69c72c88fc5224be2516949b6f29f3a4b7e3f"
        + "a069dd58b2bbb4bf2c34ae61ef631a44,"
  })
  void check_publishedRound_givesPublishedRandomness(
      long round, String signature, String randomness) {
    for (BlsVerifier verifier : List.of(JAVA, BLST)) {
      DrandBeacon beacon = DrandBeacon.quicknet(verifier);
      Optional<Digest32> value = beacon.check(beacon.round(round, hex(signature)));
      assertThat(value).contains(Digest32.sha256(hex(signature)));
      if (randomness != null) {
        assertThat(value.orElseThrow().toString()).isEqualTo(randomness);
      }
      assertThat(beacon.check(beacon.round(round + 1, hex(signature)))).isEmpty();
      assertThat(beacon.check(beacon.round(round - 1, hex(signature)))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("verifiers")
  void check_roundOfAnotherChain_isRefused(BlsVerifier verifier) {
    // Round 1000 of fastnet, the chain before RFC 9380's tag; same length, other key and tag.
    DrandBeacon beacon = DrandBeacon.quicknet(verifier);
    byte[] foreign =
        hex(
            "b09eacd45767c4d58306b98901ad0d6086e2663766f3a4ec71d00cf26f0f49ea"
                + "f248abc7151c60cf419c4e8b37e80412");
    assertThat(beacon.check(beacon.round(1000, foreign))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("verifiers")
  void check_otherSourceOrImpossibleRound_isRefused(BlsVerifier verifier) {
    DrandBeacon beacon = DrandBeacon.quicknet(verifier);
    assertThat(beacon.check(new RandomnessValue(Digest32.sha256(), 1000, ROUND_1000))).isEmpty();
    assertThat(beacon.check(beacon.round(0, ROUND_1000))).isEmpty();
    assertThat(beacon.check(beacon.round(1000, new byte[0]))).isEmpty();
    assertThat(beacon.check(beacon.round(1000, Arrays.copyOf(ROUND_1000, 47)))).isEmpty();
    assertThat(beacon.check(beacon.round(1000, Arrays.copyOf(ROUND_1000, 49)))).isEmpty();
    assertThat(beacon.check(beacon.round(1000, Arrays.copyOf(ROUND_1000, 96)))).isEmpty();
  }

  /** Encodings at every edge of what a point may be, with the answer that both have to give. */
  private static List<byte[]> edges() {
    List<byte[]> edges = new ArrayList<>();
    byte[] infinity = new byte[48];
    infinity[0] = (byte) 0xC0;
    edges.add(infinity);
    for (int flags = 0; flags < 8; flags++) {
      byte[] flagged = ROUND_1000.clone();
      flagged[0] = (byte) ((flagged[0] & 0x1F) | flags << 5);
      if (flags != (ROUND_1000[0] & 0xFF) >> 5) {
        edges.add(flagged);
      }
    }
    String prime =
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
            + "1eabfffeb153ffffb9feffffffffaaab";
    for (int shift = -2; shift <= 4; shift++) {
      byte[] x = hex(prime);
      x[47] = (byte) (x[47] + shift);
      x[0] |= (byte) 0x80;
      edges.add(x);
    }
    for (int small = 0; small < 40; small++) { // most are off the curve or outside the subgroup
      byte[] x = new byte[48];
      x[0] = (byte) 0x80;
      x[47] = (byte) small;
      edges.add(x);
    }
    return edges;
  }

  @Test
  void verify_edgesOfTheEncoding_areRefusedByBoth() {
    byte[] key = DrandBeacon.quicknetKey();
    byte[] message = DrandBeacon.message(1000);
    for (byte[] edge : edges()) {
      String name = HexFormat.of().formatHex(edge);
      assertThat(JAVA.verify(key, message, edge)).as(name).isFalse();
      assertThat(BLST.verify(key, message, edge)).as(name).isFalse();
    }
  }

  @Test
  void verify_randomlyDamaged_bothAgree() {
    Random random = new Random(20260101);
    byte[] message = DrandBeacon.message(1000);
    for (int i = 0; i < 60; i++) {
      byte[] key = DrandBeacon.quicknetKey();
      byte[] signature = ROUND_1000.clone();
      byte[] damaged = i % 2 == 0 ? signature : key;
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(JAVA.verify(key, message, signature)).isFalse();
      assertThat(BLST.verify(key, message, signature)).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("verifiers")
  void verify_keyAtInfinityOrOutsideTheSubgroup_isRefused(BlsVerifier verifier) {
    byte[] infinity = new byte[96];
    infinity[0] = (byte) 0xC0;
    assertThat(verifier.verify(infinity, DrandBeacon.message(1000), ROUND_1000)).isFalse();
    for (int small = 0; small < 12; small++) {
      byte[] key = new byte[96];
      key[0] = (byte) 0x80;
      key[95] = (byte) small;
      assertThat(verifier.verify(key, DrandBeacon.message(1000), ROUND_1000)).isFalse();
    }
  }

  @Test
  void schedule_roundsOfQuicknet_comeEveryThreeSeconds() {
    DrandBeacon beacon = DrandBeacon.quicknet(JAVA);
    long genesis = 1_692_803_367_000L;
    assertThat(beacon.schedule().roundAt(genesis - 1)).isZero();
    assertThat(beacon.schedule().roundAt(genesis)).isEqualTo(1);
    assertThat(beacon.schedule().roundAt(genesis + 2_999)).isEqualTo(1);
    assertThat(beacon.schedule().roundAt(genesis + 3_000)).isEqualTo(2);
    assertThat(beacon.schedule().publishedAtMillis(2)).isEqualTo(genesis + 3_000);
  }

  @Test
  void policyFile_namesQuicknet_admitsItsRounds() throws Exception {
    RandomnessSource quicknet = DrandBeacon.quicknet();
    var policy = PolicyFile.parse("{\"network\": \"n\", \"randomness\": [\"drand-quicknet\"]}");
    assertThat(policy.source(quicknet.id())).contains(quicknet);
  }

  @Test
  void policyFile_namesNobody_saysWhatIsKnown() {
    assertThatThrownBy(
            () -> PolicyFile.parse("{\"network\": \"n\", \"randomness\": [\"drand-slownet\"]}"))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("drand-quicknet");
  }

  @Test
  void best_withBlstOnTheClassPath_isBlst() {
    assertThat(BlsVerifiers.best().name()).isEqualTo("blst");
  }

  @Test
  void vrfWithBeacon_changedPart_isRefused() {
    DrandBeacon beacon = DrandBeacon.quicknet(BLST);
    SigningKey holder = SigningKey.fromSeed(new byte[32]);
    RandomnessValue round = beacon.round(1000, ROUND_1000);
    RandomnessValue mixed = VrfWithBeacon.evaluate(beacon, holder, round);
    VrfWithBeacon source = new VrfWithBeacon(beacon, holder.verifyingKey());
    Optional<Digest32> value = source.check(mixed);
    assertThat(value).isPresent();
    assertThat(value).isNotEqualTo(beacon.check(round));
    byte[] proof = mixed.proof();
    for (int at = 0; at < proof.length; at += 7) {
      byte[] damaged = proof.clone();
      damaged[at] ^= 1;
      assertThat(source.check(new RandomnessValue(source.id(), 1000, damaged))).isEmpty();
    }
    assertThat(source.check(new RandomnessValue(source.id(), 1001, proof))).isEmpty();
    assertThat(source.check(new RandomnessValue(beacon.id(), 1000, proof))).isEmpty();
    assertThat(source.check(new RandomnessValue(source.id(), 1000, new byte[79]))).isEmpty();
    SigningKey other = SigningKey.fromSeed(Digest32.sha256().toByteArray());
    VrfWithBeacon another = new VrfWithBeacon(beacon, other.verifyingKey());
    assertThat(another.check(new RandomnessValue(another.id(), 1000, proof))).isEmpty();
  }
}
