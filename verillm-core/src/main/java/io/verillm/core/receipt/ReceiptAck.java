package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * A statement that a receipt existed before a round of public randomness: the client, a log or the
 * scheduler signs what it held and the newest round it had seen.
 *
 * <p>It fixes an order of events. It does not prove that the signer looked at the receipt's
 * content, nor that prover and signer are strangers.
 *
 * @param receipt digest of the receipt
 * @param source id of the randomness source
 * @param roundSeen newest round that the signer had seen
 */
public record ReceiptAck(Digest32 receipt, Digest32 source, long roundSeen) {
  /** Rounds between the one seen and the first that may seed a challenge. */
  public static final int ROUND_GAP = 2;

  private static final int VERSION = 1;

  /** Refuses nulls and negative rounds. */
  public ReceiptAck {
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(source, "source");
    if (roundSeen < 0 || roundSeen > Long.MAX_VALUE - ROUND_GAP) {
      throw new IllegalArgumentException("round out of range: " + roundSeen);
    }
  }

  /** The one round whose value seeds the challenge: {@code roundSeen + 2}. */
  public long challengeRound() {
    return roundSeen + ROUND_GAP;
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(4);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(receipt);
    out.unsigned(3).digest(source);
    out.unsigned(4).unsigned(roundSeen);
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static ReceiptAck decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("ack", 4);
    in.key("ack.version", 1);
    if (in.unsigned("ack.version", VERSION) != VERSION) {
      throw new MalformedMessageException("ack.version", in.offset(), "unknown version");
    }
    in.key("ack.receipt", 2);
    Digest32 receipt = in.digest("ack.receipt");
    in.key("ack.source", 3);
    Digest32 source = in.digest("ack.source");
    in.key("ack.round-seen", 4);
    long round = in.unsigned("ack.round-seen", Long.MAX_VALUE - ROUND_GAP);
    in.end();
    return new ReceiptAck(receipt, source, round);
  }

  /** The ack's id: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs the ack. */
  public SignedMessage sign(SigningKey witness, String networkId) {
    return SignedMessage.sign(witness, MessageType.ACK, encode(), networkId);
  }
}
