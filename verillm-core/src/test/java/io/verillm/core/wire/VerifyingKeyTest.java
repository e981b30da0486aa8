package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyingKeyTest {
  private static final SigningKey KEY =
      SigningKey.fromSeed(
          Hex.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

  /** RFC 8032 section 7.1: TEST 1, 2, 3 and SHA(abc). */
  @ParameterizedTest
  @CsvSource({
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,"
        + "'',"
        + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
        + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,"
        + "72,"
        + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
        + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,"
        + "af82,"
        + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
        + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
        + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f,"
        + "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  })
  void signAndVerify_vectorOfTheStandard_agree(
      String seed, String publicKey, String message, String signature) throws Exception {
    SigningKey key = SigningKey.fromSeed(Hex.bytes(seed));
    assertThat(key.verifyingKey().toString()).isEqualTo(publicKey);
    assertThat(Hex.of(key.sign(Hex.bytes(message)))).isEqualTo(signature);
    VerifyingKey decoded = VerifyingKey.decode(Hex.bytes(publicKey));
    assertThat(decoded).isEqualTo(key.verifyingKey()).hasSameHashCodeAs(key.verifyingKey());
    assertThat(decoded.verify(Hex.bytes(message), Hex.bytes(signature))).isTrue();
    assertThat(decoded.verify(Hex.bytes(message, "00"), Hex.bytes(signature))).isFalse();
  }

  @Test
  void decode_smallOrderPoint_isRefused() {
    for (String point : SmallOrderPoints.CANONICAL) {
      assertThat(EdwardsPoint.decodeVar(Hex.bytes(point))).as(point).isNotNull();
      assertThatExceptionOfType(MalformedMessageException.class)
          .as(point)
          .isThrownBy(() -> VerifyingKey.decode(Hex.bytes(point)))
          .withMessageContaining("small order");
    }
  }

  @Test
  void decode_otherSpellingOfAPoint_isRefused() {
    for (String point : SmallOrderPoints.NOT_CANONICAL) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .as(point)
          .isThrownBy(() -> VerifyingKey.decode(Hex.bytes(point)))
          .withMessageContaining("encoding");
    }
    for (int above = 0; above < 19; above++) { // y = p + above, both signs
      byte[] encoded = ReferenceCurve.littleEndian(ReferenceCurve.P.add(BigInteger.valueOf(above)));
      for (int sign : new int[] {0, 0x80}) {
        byte[] signed = encoded.clone();
        signed[31] |= (byte) sign;
        assertThatExceptionOfType(MalformedMessageException.class)
            .isThrownBy(() -> VerifyingKey.decode(signed));
      }
    }
  }

  @Test
  void decode_notOnTheCurveOrWrongLength_isRefused() {
    byte[] two = new byte[32];
    two[0] = 2; // (4 − 1)/(4d + 1) is no square
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> VerifyingKey.decode(two));
    for (int length : new int[] {0, 31, 33, 64}) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> VerifyingKey.decode(new byte[length]));
    }
  }

  @Test
  void verify_scalarPlusGroupOrder_isRefused() {
    byte[] message = {1, 2, 3};
    byte[] signature = KEY.sign(message);
    assertThat(KEY.verifyingKey().verify(message, signature)).isTrue();
    BigInteger s = ReferenceCurve.number(Arrays.copyOfRange(signature, 32, 64));
    for (int multiple = 1; multiple < 15; multiple++) {
      BigInteger other = s.add(ReferenceCurve.L.multiply(BigInteger.valueOf(multiple)));
      byte[] changed = Arrays.copyOf(signature, 64);
      System.arraycopy(ReferenceCurve.littleEndian(other), 0, changed, 32, 32);
      assertThat(KEY.verifyingKey().verify(message, changed)).isFalse();
    }
  }

  @Test
  void verify_smallOrderR_isRefused() {
    byte[] message = {4, 5, 6};
    // R = identity and S = k·a satisfies the equation; only the check of R's order refuses it.
    byte[] r = Hex.bytes(SmallOrderPoints.CANONICAL.get(0));
    byte[] k =
        Scalar25519.reduce(VerifyingKey.sha512(r, KEY.verifyingKey().toByteArray(), message));
    byte[] s = Scalar25519.multiplyAdd(k, KEY.secretScalar(), new byte[0]);
    byte[] signature = Arrays.copyOf(r, 64);
    System.arraycopy(s, 0, signature, 32, 32);
    assertThat(KEY.verifyingKey().verify(message, signature)).isFalse();
    for (String point : SmallOrderPoints.NOT_CANONICAL) {
      System.arraycopy(Hex.bytes(point), 0, signature, 0, 32);
      assertThat(KEY.verifyingKey().verify(message, signature)).isFalse();
    }
  }

  /**
   * A key with a small-order component T: for an R without one the equation without cofactor holds
   * exactly if kT is the identity. A verifier that multiplies by the cofactor would accept all.
   */
  @Test
  void verify_keyWithSmallOrderComponent_followsTheEquationWithoutCofactor() throws Exception {
    EdwardsPoint torsion = EdwardsPoint.decodeVar(Hex.bytes(SmallOrderPoints.ORDER_EIGHT));
    byte[] one = new byte[32];
    one[0] = 1;
    byte[] secret = Scalar25519.reduce(KEY.secretScalar());
    VerifyingKey mixed =
        VerifyingKey.decode(
            EdwardsPoint.sumVar(
                    EdwardsPoint.Term.ofBaseVar(secret), EdwardsPoint.Term.ofVar(one, torsion))
                .encode());
    byte[] nonce = Scalar25519.reduce(VerifyingKey.sha512(new byte[] {42}));
    byte[] r = EdwardsPoint.basePoint().timesSecret(nonce).encode();
    int accepted = 0;
    for (int i = 0; i < 64; i++) {
      byte[] message = {(byte) i};
      byte[] k = Scalar25519.reduce(VerifyingKey.sha512(r, mixed.toByteArray(), message));
      byte[] signature = Arrays.copyOf(r, 64);
      System.arraycopy(Scalar25519.multiplyAdd(k, secret, nonce), 0, signature, 32, 32);
      boolean holds = k[0] % 8 == 0;
      assertThat(mixed.verify(message, signature)).isEqualTo(holds);
      accepted += holds ? 1 : 0;
    }
    assertThat(accepted).isBetween(1, 30); // both outcomes were met
  }

  @Test
  void verify_wrongLengthOrKey_isFalse() {
    byte[] message = {7};
    byte[] signature = KEY.sign(message);
    VerifyingKey other = SigningKey.generate(new SecureRandom()).verifyingKey();
    assertThat(other.verify(message, signature)).isFalse();
    for (int length : new int[] {0, 32, 63, 65, 128}) {
      assertThat(KEY.verifyingKey().verify(message, Arrays.copyOf(signature, length))).isFalse();
    }
    assertThat(KEY.verifyingKey().verify(message, new byte[64])).isFalse();
  }

  @Property(tries = 200)
  void verify_oneBitChanged_isNeverTrue(@ForAll long seed, @ForAll @IntRange(max = 511) int bit) {
    byte[] message = new byte[40];
    new Random(seed).nextBytes(message);
    byte[] signature = KEY.sign(message);
    byte[] changed = signature.clone();
    changed[bit / 8] ^= (byte) (1 << (bit % 8));
    assertThat(KEY.verifyingKey().verify(message, changed)).isFalse();
    message[bit % 40] ^= (byte) (1 << (bit % 8));
    assertThat(KEY.verifyingKey().verify(message, signature)).isFalse();
  }

  @Property(tries = 200)
  void verify_randomKeysAndMessages_agreesWithBouncyCastle(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] keySeed = new byte[32];
    random.nextBytes(keySeed);
    byte[] message = new byte[random.nextInt(300)];
    random.nextBytes(message);
    SigningKey key = SigningKey.fromSeed(keySeed);
    byte[] signature = key.sign(message);
    assertThat(key.verifyingKey().verify(message, signature)).isTrue();
    assertThat(
            Ed25519.verify(
                signature, 0, key.verifyingKey().toByteArray(), 0, message, 0, message.length))
        .isTrue();
  }

  @Test
  void signingKey_text_doesNotShowTheSeed() {
    assertThat(KEY.toString())
        .contains(KEY.verifyingKey().shortHex())
        .doesNotContain(Hex.of(KEY.seed()).substring(0, 8));
    assertThat(SigningKey.fromSeed(KEY.seed()).verifyingKey()).isEqualTo(KEY.verifyingKey());
    assertThatIllegalArgumentException().isThrownBy(() -> SigningKey.fromSeed(new byte[31]));
    assertThatIllegalArgumentException().isThrownBy(() -> SigningKey.fromSeed(new byte[33]));
  }

  @Test
  void values_changedAfterwards_doNotChangeTheKey() throws Exception {
    byte[] encoded = KEY.verifyingKey().toByteArray();
    VerifyingKey key = VerifyingKey.decode(encoded);
    encoded[0] ^= 1;
    key.toByteArray()[1] ^= 1;
    assertThat(key).isEqualTo(KEY.verifyingKey());
    byte[] seed = KEY.seed();
    SigningKey copy = SigningKey.fromSeed(seed);
    seed[0] ^= 1;
    copy.seed()[1] ^= 1;
    assertThat(copy.seed()).isEqualTo(KEY.seed());
  }
}
