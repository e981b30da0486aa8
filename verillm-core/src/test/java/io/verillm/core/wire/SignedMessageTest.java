package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedMessageTest {
  // RFC 8032 section 7.1, TEST 1
  private static final String SEED =
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  private static final String PUBLIC =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  private static final SigningKey KEY = SigningKey.fromSeed(Hex.bytes(SEED));
  private static final SigningKey OTHER = SigningKey.fromSeed(new byte[32]);
  private static final byte[] PAYLOAD = {1, 2, 3};
  private static final String NETWORK = "testnet";

  /** {1: −8, 4: key, −70001: 2}, written out by hand. */
  private static final String PROTECTED = "a3" + "0127" + "045820" + PUBLIC + "3a0001117002";

  private static final SignedMessage MESSAGE =
      SignedMessage.sign(KEY, MessageType.RECEIPT, PAYLOAD, NETWORK);

  private static String signature() {
    byte[] wire = MESSAGE.encode();
    return Hex.of(Arrays.copyOfRange(wire, wire.length - 64, wire.length));
  }

  private static String envelope(String header, String rest) {
    byte[] bytes = Hex.bytes(header);
    return "84" + "58" + String.format("%02x", bytes.length) + header + rest;
  }

  @Test
  void sign_handWrittenStructure_givesTheSameBytes() {
    String toSign =
        "84"
            + "6a5369676e617475726531" // "Signature1"
            + "582c"
            + PROTECTED
            + "47746573746e6574" // "testnet"
            + "43010203";
    byte[] structure = Hex.bytes(toSign);
    byte[] expected = new byte[64];
    Ed25519.sign(Hex.bytes(SEED), 0, structure, 0, structure.length, expected, 0);
    assertThat(signature()).isEqualTo(Hex.of(expected));
    assertThat(Hex.of(MESSAGE.encode()))
        .isEqualTo("84" + "582c" + PROTECTED + "a0" + "43010203" + "5840" + Hex.of(expected));
  }

  @ParameterizedTest
  @EnumSource(MessageType.class)
  void decode_ownMessage_comesBackWhole(MessageType type) throws Exception {
    SignedMessage message = SignedMessage.sign(KEY, type, PAYLOAD, NETWORK);
    SignedMessage decoded = SignedMessage.decode(message.encode());
    assertThat(decoded).isEqualTo(message).hasSameHashCodeAs(message);
    assertThat(decoded.type()).isEqualTo(type);
    assertThat(decoded.signer()).isEqualTo(KEY.verifyingKey());
    assertThat(decoded.payload()).isEqualTo(PAYLOAD);
    assertThat(decoded.id()).isEqualTo(Digest32.sha256(PAYLOAD));
    assertThat(decoded.encode()).isEqualTo(message.encode());
    assertThat(decoded.verify(NETWORK)).isTrue();
    assertThat(decoded.verify(KEY.verifyingKey(), NETWORK)).isTrue();
    assertThat(decoded.verify(OTHER.verifyingKey(), NETWORK)).isFalse();
    assertThat(decoded.verify("testnet2")).isFalse();
    assertThat(decoded.verify("Testnet")).isFalse();
    assertThat(decoded.verify(KEY.verifyingKey(), "mainnet")).isFalse();
  }

  @Test
  void messageTypes_codes_areStable() {
    int[] codes = {
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 31, 32, 33
    };
    MessageType[] types = {
      MessageType.ORDER,
      MessageType.RECEIPT,
      MessageType.VOID,
      MessageType.TRACE_HEAD,
      MessageType.ACK,
      MessageType.RANDOMNESS,
      MessageType.CHALLENGE,
      MessageType.OPENING,
      MessageType.VERDICT,
      MessageType.CALIBRATION,
      MessageType.JOB_TERMS,
      MessageType.TERMS_ACCEPTANCE,
      MessageType.COMMITMENT,
      MessageType.REVEAL,
      MessageType.FRAGMENTS,
      MessageType.OBJECTION,
      MessageType.DISPUTE,
      MessageType.LOG_HEAD,
      MessageType.STAGE_REQUEST,
      MessageType.STAGE_REPORT,
      MessageType.BISECTION,
      MessageType.CACHE_CALIBRATION,
      MessageType.SKETCHES,
      MessageType.SPOT_CHALLENGE
    };
    assertThat(MessageType.values()).containsExactly(types);
    for (int i = 0; i < codes.length; i++) {
      assertThat(types[i].code()).isEqualTo(codes[i]);
      assertThat(MessageType.ofCode(codes[i])).contains(types[i]);
    }
    assertThat(MessageType.ofCode(0)).isEmpty();
    assertThat(MessageType.ofCode(21)).isEmpty();
    assertThat(MessageType.ofCode(34)).isEmpty();
    assertThat(MessageType.ofCode((1L << 32) + 1)).isEmpty();
  }

  @Test
  void decode_anyPrefix_isMalformed() {
    byte[] wire = MESSAGE.encode();
    for (int length = 0; length < wire.length; length++) {
      byte[] prefix = Arrays.copyOf(wire, length);
      assertThatExceptionOfType(MalformedMessageException.class)
          .as("%d bytes", length)
          .isThrownBy(() -> SignedMessage.decode(prefix));
    }
    for (int more : new int[] {1, 2, 64}) {
      byte[] longer = Arrays.copyOf(wire, wire.length + more);
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> SignedMessage.decode(longer));
    }
  }

  /** Every change of one byte is malformed or does not verify; the envelope has no free bits. */
  @Test
  void decode_anyByteChanged_isMalformedOrDoesNotVerify() {
    byte[] wire = MESSAGE.encode();
    Set<String> outcomes = new HashSet<>();
    for (int at = 0; at < wire.length; at++) {
      for (int change = 1; change < 256; change = at < 56 ? change + 1 : change * 2) {
        byte[] changed = wire.clone();
        changed[at] ^= (byte) change;
        outcomes.add(outcome(changed));
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrder("malformed", "does not verify");
  }

  private static String outcome(byte[] wire) {
    try {
      SignedMessage message = SignedMessage.decode(wire);
      assertThat(message.encode()).isEqualTo(wire); // one content, one encoding
      return message.verify(NETWORK) ? "verifies" : "does not verify";
    } catch (MalformedMessageException e) {
      assertThat(e.offset()).isBetween(0L, (long) wire.length);
      return "malformed";
    }
  }

  @ParameterizedTest
  @CsvSource({
    // a header entry missing, extra, repeated, out of order, of another kind
    "protected, a20127045820<key>",
    "protected, a3", // ends
    "alg, a3045820<key>01273a0001117002",
    "kid, a301273a0001117002045820<key>",
    "kid, a301270127045820<key>",
    "protected, a40127045820<key>3a00011170023a0001117100",
    "end, a30127045820<key>3a000111700200",
    "alg, a30126045820<key>3a0001117002", // ES256
    "alg, a30132045820<key>3a0001117002", // −19, Ed25519 under its other number
    "alg, a3013807045820<key>3a0001117002", // −8 in a longer head
    "alg, a30107045820<key>3a0001117002",
    "alg, a301f6045820<key>3a0001117002",
    "alg, a30227045820<key>3a0001117002",
    "kid, a30127055820<key>3a0001117002",
    "kid, a30127047820<key>3a0001117002", // a text
    "kid, a3012704582000000000000000000000000000000000000000000000000000000000000000003a0001117002",
    "type, a30127045820<key>3a0001117000",
    "type, a30127045820<key>3a0001117015",
    "type, a30127045820<key>3a0001117020",
    "type, a30127045820<key>3a000111701802",
    "type, a30127045820<key>3a0001117102",
    "type, a30127045820<key>3a00011170f6",
    "protected, 830127045820<key>",
    "protected, f6",
  })
  void decode_headerOfAnotherForm_isMalformedAtTheField(String field, String header) {
    String full = header.replace("<key>", PUBLIC);
    byte[] wire = Hex.bytes(envelope(full, "a0430102035840" + signature()));
    MalformedMessageException refusal =
        catchThrowableOfType(MalformedMessageException.class, () -> SignedMessage.decode(wire));
    assertThat(refusal).isNotNull();
    assertThat(refusal.field()).isEqualTo(field);
  }

  @Test
  void decode_headerKeyOfSmallOrder_isMalformedWithItsOffset() {
    for (String point : SmallOrderPoints.CANONICAL) {
      byte[] wire =
          Hex.bytes(envelope(PROTECTED.replace(PUBLIC, point), "a0430102035840" + signature()));
      MalformedMessageException refusal =
          catchThrowableOfType(MalformedMessageException.class, () -> SignedMessage.decode(wire));
      assertThat(refusal.field()).isEqualTo("kid");
      assertThat(refusal.offset()).isEqualTo(9);
    }
  }

  @Test
  void decode_envelopeOfAnotherForm_isMalformed() {
    String rest = "a0" + "43010203" + "5840" + signature();
    String good = envelope(PROTECTED, rest);
    assertThat(good).isEqualTo(Hex.of(MESSAGE.encode()));
    String[] bad = {
      "d2" + good, // the COSE_Sign1 tag
      "d862" + good, // the COSE_Sign tag
      "83" + good.substring(2, good.length() - 132), // no signature
      "85" + good.substring(2) + "f6",
      "9f" + good.substring(2) + "ff",
      "9804" + good.substring(2),
      envelope(PROTECTED, "a10127" + rest.substring(2)), // unprotected entry
      envelope(PROTECTED, "a10400" + rest.substring(2)),
      envelope(PROTECTED, "80" + rest.substring(2)),
      envelope(PROTECTED, "f6" + rest.substring(2)),
      envelope(PROTECTED, "b800" + rest.substring(2)),
      envelope(PROTECTED, "a0f65840" + signature()), // detached payload
      envelope(PROTECTED, "a0635840010203" + signature()),
      envelope(PROTECTED, "a063010203" + "5840" + signature()), // payload as text
      envelope(PROTECTED, "a05803010203" + "5840" + signature()),
      envelope(PROTECTED, "a043010203" + "583f" + signature().substring(2)),
      envelope(PROTECTED, "a043010203" + "5841" + signature() + "00"),
      envelope(PROTECTED, "a0" + "5840" + signature() + "43010203"), // exchanged
      "84a0" + "582c" + PROTECTED + "43010203" + "5840" + signature(),
      "845b4000000000000000",
      "84582c" + PROTECTED + "a05b4000000000000000",
      "",
      "00",
      "f6",
      "40",
    };
    for (String wire : bad) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .as(wire)
          .isThrownBy(() -> SignedMessage.decode(Hex.bytes(wire)));
    }
  }

  @Test
  void decode_tooLarge_isMalformed() {
    byte[] large = new byte[SignedMessage.MAX_BYTES + 1];
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SignedMessage.decode(large))
        .withMessageContaining("67108864");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignedMessage.sign(KEY, MessageType.OPENING, large, NETWORK));
    byte[] payload = new byte[70_000]; // as long a head as the largest payload has
    SignedMessage message = SignedMessage.sign(KEY, MessageType.OPENING, payload, NETWORK);
    assertThat(message.encode().length - payload.length)
        .isLessThanOrEqualTo(SignedMessage.MAX_BYTES - SignedMessage.MAX_PAYLOAD_BYTES);
  }

  @Test
  void verify_signatureOfAnotherKeyTypeOrPayload_isFalse() throws Exception {
    SignedMessage[] others = {
      SignedMessage.sign(OTHER, MessageType.RECEIPT, PAYLOAD, NETWORK),
      SignedMessage.sign(KEY, MessageType.VOID, PAYLOAD, NETWORK),
      SignedMessage.sign(KEY, MessageType.RECEIPT, new byte[] {1, 2, 4}, NETWORK),
      SignedMessage.sign(KEY, MessageType.RECEIPT, PAYLOAD, "othernet"),
    };
    for (SignedMessage other : others) {
      byte[] wire = MESSAGE.encode();
      byte[] foreign = other.encode();
      System.arraycopy(foreign, foreign.length - 64, wire, wire.length - 64, 64);
      assertThat(SignedMessage.decode(wire).verify(NETWORK)).isFalse();
      assertThat(SignedMessage.decode(wire)).isNotEqualTo(MESSAGE);
    }
  }

  @Test
  void networkId_emptyOrTooLong_isRefused() {
    for (String network : new String[] {"", "n".repeat(256), "\u00fc".repeat(128)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SignedMessage.sign(KEY, MessageType.ORDER, PAYLOAD, network));
      assertThatIllegalArgumentException().isThrownBy(() -> MESSAGE.verify(network));
    }
    String longest = "n".repeat(255);
    assertThat(SignedMessage.sign(KEY, MessageType.ORDER, PAYLOAD, longest).verify(longest))
        .isTrue();
  }

  @Test
  void values_changedAfterwards_doNotChangeTheMessage() throws Exception {
    byte[] payload = PAYLOAD.clone();
    SignedMessage message = SignedMessage.sign(KEY, MessageType.RECEIPT, payload, NETWORK);
    payload[0] = 9;
    message.payload()[1] = 9;
    message.encode()[20] = 9;
    byte[] wire = message.encode();
    SignedMessage decoded = SignedMessage.decode(wire);
    Arrays.fill(wire, (byte) 0);
    assertThat(decoded).isEqualTo(MESSAGE);
    assertThat(decoded.verify(NETWORK)).isTrue();
  }

  @Property(tries = 300)
  void decode_randomBytes_letsOnlyTheDocumentedExceptionOut(@ForAll byte[] bytes) {
    assertThat(outcome(bytes)).isEqualTo("malformed");
    byte[] started = Hex.bytes("84582c", PROTECTED, "a0");
    byte[] wire = Arrays.copyOf(started, started.length + bytes.length);
    System.arraycopy(bytes, 0, wire, started.length, bytes.length);
    assertThat(outcome(wire)).isNotEqualTo("verifies");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a10127", "a10400", "a2012704f6", "80", "f6", "b800", "40"})
  void decode_unprotectedOtherThanAnEmptyMap_isMalformedThere(String unprotected) {
    byte[] wire = Hex.bytes(envelope(PROTECTED, unprotected + "430102035840" + signature()));
    MalformedMessageException refusal =
        catchThrowableOfType(MalformedMessageException.class, () -> SignedMessage.decode(wire));
    assertThat(refusal.field()).isEqualTo("unprotected");
    assertThat(refusal.offset()).isEqualTo(47);
  }
}
