package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EcvrfTest {
  /** One example of RFC 9381 appendix B.3; k is given there before its reduction. */
  private record Example(
      String seed,
      String alpha,
      String x,
      String h,
      String k,
      String u,
      String v,
      String proof,
      String output) {}

  private static final Example[] EXAMPLES = {
    new Example( // example 16, the counter stops at 0
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "307c83864f2833cb427a2ef1c00a013cfdff2768d980c0a3a520f006904de94f",
        "91bbed02a99461df1ad4c6564a5f5d829d0b90cfc7903e7a5797bd658abf3318",
        "7100f3d9eadb6dc4743b029736ff283f5be494128df128df2817106f345b8594"
            + "b6d6da2d6fb0b4c0257eb337675d96eab49cf39e66cc2c9547c2bf8b2a6afae4",
        "aef27c725be964c6a9bf4c45ca8e35df258c1878b838f37d9975523f09034071",
        "5016572f71466c646c119443455d6cb9b952f07d060ec8286d678615d55f954f",
        "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f"
            + "26f8a57ccaed74ee1b190bed1f479d97"
            + "27d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
            + "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae"),
    new Example( // example 17, the counter stops at 1
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "68bd9ed75882d52815a97585caf4790a7f6c6b3b7f821c5e259a24b02e502e51",
        "5b659fc3d4e9263fd9a4ed1d022d75eaacc20df5e09f9ea937502396598dc551",
        "42589bbf0c485c3c91c1621bb4bfe04aed7be76ee48f9b00793b2342acb9c167"
            + "cab856f9f9d4febc311330c20b0a8afd3743d05433e8be8d32522ecdc16cc5ce",
        "1dcb0a4821a2c48bf53548228b7f170962988f6d12f5439f31987ef41f034ab3",
        "fd03c0bf498c752161bae4719105a074630a2aa5f200ff7b3995f7bfb1513423",
        "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"
            + "3bf0864a62558b3ed7f2fea45c92a465"
            + "301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
        "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
            + "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031"),
    new Example( // example 18, the counter stops at 0
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "909a8b755ed902849023a55b15c23d11ba4d7f4ec5c2f51b1325a181991ea95c",
        "bf4339376f5542811de615e3313d2b36f6f53c0acfebb482159711201192576a",
        "38b868c335ccda94a088428cbf3ec8bc7955bfaffe1f3bd2aa2c59fc31a0febc"
            + "59d0e1af3715773ce11b3bbdd7aba8e3505d4b9de6f7e4a96e67e0d6bb6d6c3a",
        "2bae73e15a64042fcebf062abe7e432b2eca6744f3e8265bc38e009cd577ecd5",
        "88cba1cb0d4f9b649d9a86026b69de076724a93a65c349c988954f0961c5d506",
        "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf80"
            + "96bb474e53895c362d8628ee9f9ea3c0"
            + "e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
        "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45"
            + "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f"),
  };

  private static final SigningKey KEY = SigningKey.fromSeed(Hex.bytes(EXAMPLES[0].seed));
  private static final VerifyingKey PUBLIC = KEY.verifyingKey();

  @Test
  void proveAndVerify_examplesOfTheStandard_giveEveryValue() {
    for (Example example : EXAMPLES) {
      SigningKey key = SigningKey.fromSeed(Hex.bytes(example.seed));
      byte[] alpha = Hex.bytes(example.alpha);
      assertThat(Hex.of(key.secretScalar())).isEqualTo(example.x);
      EdwardsPoint h = Ecvrf.hashToCurve(key.verifyingKey(), alpha);
      assertThat(Hex.of(h.encode())).isEqualTo(example.h);
      byte[] k = Scalar25519.reduce(Hex.bytes(example.k));
      assertThat(Ecvrf.nonce(key, h.encode())).isEqualTo(k);
      assertThat(Hex.of(EdwardsPoint.basePoint().timesSecret(k).encode())).isEqualTo(example.u);
      assertThat(Hex.of(h.timesSecret(k).encode())).isEqualTo(example.v);
      byte[] proof = Ecvrf.prove(key, alpha);
      assertThat(Hex.of(proof)).isEqualTo(example.proof);
      assertThat(Hex.of(Ecvrf.proofToHash(proof))).isEqualTo(example.output);
      assertThat(Ecvrf.verify(key.verifyingKey(), alpha, proof))
          .hasValueSatisfying(beta -> assertThat(Hex.of(beta)).isEqualTo(example.output));
    }
  }

  @Test
  void verify_otherInputOrKey_isEmpty() {
    byte[] proof = Hex.bytes(EXAMPLES[1].proof);
    VerifyingKey key = SigningKey.fromSeed(Hex.bytes(EXAMPLES[1].seed)).verifyingKey();
    assertThat(Ecvrf.verify(key, Hex.bytes("72"), proof)).isPresent();
    for (String alpha : new String[] {"", "73", "7200", "0072", "7272"}) {
      assertThat(Ecvrf.verify(key, Hex.bytes(alpha), proof)).isEmpty();
    }
    assertThat(Ecvrf.verify(PUBLIC, Hex.bytes("72"), proof)).isEmpty();
  }

  @Test
  void verify_anyOneBitChanged_isEmpty() {
    byte[] alpha = Hex.bytes("af82");
    byte[] proof = Ecvrf.prove(KEY, alpha);
    for (int bit = 0; bit < 8 * proof.length; bit++) {
      byte[] changed = proof.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(Ecvrf.verify(PUBLIC, alpha, changed)).as("bit %d", bit).isEmpty();
    }
  }

  @Test
  void verify_scalarPlusGroupOrder_isEmpty() {
    byte[] alpha = {9};
    byte[] proof = Ecvrf.prove(KEY, alpha);
    BigInteger s = ReferenceCurve.number(Arrays.copyOfRange(proof, 48, 80));
    for (int multiple = 1; multiple < 15; multiple++) {
      byte[] other =
          ReferenceCurve.littleEndian(
              s.add(ReferenceCurve.L.multiply(BigInteger.valueOf(multiple))));
      byte[] changed = proof.clone();
      System.arraycopy(other, 0, changed, 48, 32);
      assertThat(Ecvrf.verify(PUBLIC, alpha, changed)).isEmpty();
      assertThatIllegalArgumentException().isThrownBy(() -> Ecvrf.proofToHash(changed));
    }
  }

  @Test
  void verify_gammaNotCanonicalOrOfSmallOrder_isEmpty() {
    byte[] alpha = {10};
    byte[] proof = Ecvrf.prove(KEY, alpha);
    for (String gamma : SmallOrderPoints.NOT_CANONICAL) {
      byte[] changed = proof.clone();
      System.arraycopy(Hex.bytes(gamma), 0, changed, 0, 32);
      assertThat(Ecvrf.verify(PUBLIC, alpha, changed)).isEmpty();
      assertThatIllegalArgumentException().isThrownBy(() -> Ecvrf.proofToHash(changed));
    }
    for (String gamma : SmallOrderPoints.CANONICAL) {
      byte[] changed = proof.clone();
      System.arraycopy(Hex.bytes(gamma), 0, changed, 0, 32);
      assertThat(Ecvrf.verify(PUBLIC, alpha, changed)).isEmpty();
    }
  }

  /**
   * A small-order part of Gamma may pass by luck of the challenge, but never changes the output.
   */
  @Test
  void proofToHash_gammaPlusSmallOrderPoint_isTheSameOutput() {
    byte[] alpha = {11};
    byte[] proof = Ecvrf.prove(KEY, alpha);
    EdwardsPoint gamma = EdwardsPoint.decodeVar(Arrays.copyOf(proof, 32));
    byte[] one = new byte[32];
    one[0] = 1;
    for (String point : SmallOrderPoints.CANONICAL) {
      EdwardsPoint torsion = EdwardsPoint.decodeVar(Hex.bytes(point));
      byte[] changed = proof.clone();
      System.arraycopy(
          EdwardsPoint.sumVar(
                  EdwardsPoint.Term.ofVar(one, gamma), EdwardsPoint.Term.ofVar(one, torsion))
              .encode(),
          0,
          changed,
          0,
          32);
      assertThat(Ecvrf.proofToHash(changed)).isEqualTo(Ecvrf.proofToHash(proof));
    }
  }

  @Test
  void verify_wrongLength_isEmpty() {
    byte[] proof = Ecvrf.prove(KEY, new byte[0]);
    for (int length : new int[] {0, 32, 79, 81, 160}) {
      byte[] changed = Arrays.copyOf(proof, length);
      assertThat(Ecvrf.verify(PUBLIC, new byte[0], changed)).isEmpty();
      assertThatIllegalArgumentException().isThrownBy(() -> Ecvrf.proofToHash(changed));
    }
  }

  @Test
  void verify_identityProofWithoutTheSecret_isEmpty() {
    // Gamma = identity, c = 0, s = 0 makes U and V the identity; the hash must not be 0.
    byte[] forged = new byte[80];
    forged[0] = 1;
    assertThat(Ecvrf.verify(PUBLIC, new byte[] {1}, forged)).isEmpty();
    assertThat(Ecvrf.verify(PUBLIC, new byte[] {1}, new byte[80])).isEmpty();
  }

  @Property(tries = 60)
  void prove_randomKeysAndInputs_verifiesAndIsDeterministic(
      @ForAll long seed, @ForAll @IntRange(max = 300) int length) {
    Random random = new Random(seed);
    byte[] keySeed = new byte[32];
    random.nextBytes(keySeed);
    byte[] alpha = new byte[length];
    random.nextBytes(alpha);
    SigningKey key = SigningKey.fromSeed(keySeed);
    byte[] proof = Ecvrf.prove(key, alpha);
    assertThat(proof).hasSize(Ecvrf.PROOF_LENGTH).isEqualTo(Ecvrf.prove(key, alpha));
    assertThat(Ecvrf.verify(key.verifyingKey(), alpha, proof))
        .hasValueSatisfying(
            beta ->
                assertThat(beta).hasSize(Ecvrf.OUTPUT_LENGTH).isEqualTo(Ecvrf.proofToHash(proof)));
  }
}
