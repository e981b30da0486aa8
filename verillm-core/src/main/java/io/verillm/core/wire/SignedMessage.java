package io.verillm.core.wire;

import com.google.errorprone.annotations.CheckReturnValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A payload with its type, its signer and a signature that may be wrong until {@link #verify} says
 * otherwise. Immutable, compared by content.
 *
 * <p>On the wire it is an untagged COSE_Sign1 (RFC 9052 section 4.2) in deterministic CBOR: an
 * array of the protected header as a byte string, an empty map, the payload as a byte string, and
 * the signature. The protected header is the map {1: −8 (EdDSA), 4: raw public key, −70001: code of
 * the {@link MessageType}} with exactly these entries. The signature covers the Sig_structure
 * ["Signature1", protected header, UTF-8 of the network id, payload].
 *
 * <p>A valid signature proves that the key's holder signed these bytes for that network, not that
 * what they say is true.
 */
public final class SignedMessage {
  /** Largest encoded message in bytes. */
  public static final int MAX_BYTES = 64 << 20;

  /** Largest payload in bytes; the rest is room for the envelope. */
  public static final int MAX_PAYLOAD_BYTES = MAX_BYTES - 256;

  /** Longest network id in UTF-8 bytes. */
  public static final int MAX_NETWORK_ID_BYTES = 255;

  private static final long ALGORITHM_LABEL = 1;
  private static final long KEY_ID_LABEL = 4;

  /** From the range that RFC 9052 leaves to private use, below −65536. */
  private static final long TYPE_LABEL = -70001;

  private static final long EDDSA = -8;

  private final MessageType type;
  private final VerifyingKey signer;
  private final byte[] payload;
  private final byte[] signature;
  private final Digest32 id;

  private SignedMessage(MessageType type, VerifyingKey signer, byte[] payload, byte[] signature) {
    this.type = type;
    this.signer = signer;
    this.payload = payload;
    this.signature = signature;
    this.id = Digest32.sha256(payload);
  }

  /**
   * Signs a payload.
   *
   * @param networkId what keeps messages of one network out of another; 1 to 255 bytes of UTF-8
   * @throws IllegalArgumentException if the payload is larger than {@link #MAX_PAYLOAD_BYTES} or
   *     the network id is empty or too long
   */
  public static SignedMessage sign(
      SigningKey key, MessageType type, byte[] payload, String networkId) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(type, "type");
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          payload.length + " payload bytes are more than " + MAX_PAYLOAD_BYTES);
    }
    byte[] owned = payload.clone();
    byte[] toSign = signatureInput(protectedHeader(type, key.verifyingKey()), owned, networkId);
    return new SignedMessage(type, key.verifyingKey(), owned, key.sign(toSign));
  }

  /**
   * Decodes an envelope and checks its structure only; neither the signature nor what is inside the
   * payload is looked at.
   */
  public static SignedMessage decode(byte[] wire) throws MalformedMessageException {
    if (wire.length > MAX_BYTES) {
      throw new MalformedMessageException(
          "message", 0, wire.length + " bytes are more than " + MAX_BYTES);
    }
    CborReader in = CborReader.of(wire);
    in.arrayOf("message", 4);
    CborReader header = in.embedded("protected", 64);
    header.mapOf("protected", 3);
    header.key("alg", ALGORITHM_LABEL);
    long algorithm = header.integer("alg");
    if (algorithm != EDDSA) {
      throw header.malformed("alg", "needs EdDSA (-8), has " + algorithm);
    }
    header.key("kid", KEY_ID_LABEL);
    byte[] keyBytes = header.bytesExactly("kid", VerifyingKey.LENGTH);
    VerifyingKey signer =
        VerifyingKey.decode(keyBytes, "kid", header.offset() - VerifyingKey.LENGTH);
    header.key("type", TYPE_LABEL);
    long code = header.unsigned("type");
    MessageType type =
        MessageType.ofCode(code)
            .orElseThrow(() -> header.malformed("type", "unknown message type " + code));
    header.end();
    in.mapOf("unprotected", 0);
    byte[] payload = in.bytes("payload", MAX_PAYLOAD_BYTES);
    byte[] signature = in.bytesExactly("signature", VerifyingKey.SIGNATURE_LENGTH);
    in.end();
    return new SignedMessage(type, signer, payload, signature);
  }

  /** Encodes the envelope; what {@link #decode} read comes back byte for byte. */
  public byte[] encode() {
    return new CborWriter()
        .array(4)
        .bytes(protectedHeader(type, signer))
        .map(0)
        .bytes(payload)
        .bytes(signature)
        .toByteArray();
  }

  /** What the payload is claimed to be. */
  public MessageType type() {
    return type;
  }

  /** Who is claimed to have signed. */
  public VerifyingKey signer() {
    return signer;
  }

  /** Returns a copy of the payload. */
  public byte[] payload() {
    return payload.clone();
  }

  /** SHA-256 of the payload alone, so that a second signature gives no second id. */
  public Digest32 id() {
    return id;
  }

  /**
   * Whether the named signer signed this type and payload for this network.
   *
   * <p>Anybody can name their own key: a caller that does not compare {@link #signer} with the
   * party it expects uses {@link #verify(VerifyingKey, String)}.
   *
   * @throws IllegalArgumentException if the network id is empty or too long
   */
  @CheckReturnValue
  public boolean verify(String networkId) {
    return signer.verify(
        signatureInput(protectedHeader(type, signer), payload, networkId), signature);
  }

  /**
   * Whether {@code expected} is the named signer and signed this type and payload for this network.
   *
   * @throws IllegalArgumentException if the network id is empty or too long
   */
  @CheckReturnValue
  public boolean verify(VerifyingKey expected, String networkId) {
    return verify(networkId) && signer.equals(expected);
  }

  private static byte[] protectedHeader(MessageType type, VerifyingKey signer) {
    return new CborWriter()
        .map(3)
        .unsigned(ALGORITHM_LABEL)
        .integer(EDDSA)
        .unsigned(KEY_ID_LABEL)
        .bytes(signer.toByteArray())
        .integer(TYPE_LABEL)
        .unsigned(type.code())
        .toByteArray();
  }

  /** The Sig_structure of RFC 9052 section 4.4. */
  private static byte[] signatureInput(byte[] header, byte[] payload, String networkId) {
    byte[] externalData = networkId.getBytes(StandardCharsets.UTF_8);
    if (externalData.length == 0 || externalData.length > MAX_NETWORK_ID_BYTES) {
      throw new IllegalArgumentException(
          "a network id needs 1 to 255 bytes, got " + externalData.length);
    }
    return new CborWriter()
        .array(4)
        .text("Signature1")
        .bytes(header)
        .bytes(externalData)
        .bytes(payload)
        .toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedMessage that
        && type == that.type
        && signer.equals(that.signer)
        && Arrays.equals(payload, that.payload)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return 31 * id.hashCode() + Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return type + " " + id.shortHex() + " by " + signer.shortHex();
  }
}
