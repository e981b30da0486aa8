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
 * Closes a sequence number that was reserved and never used, for instance after a crash.
 *
 * <p>A gap in the numbers is never slashable; a VOID makes the chain continuous again.
 *
 * @param position the number that is closed
 */
public record VoidReceipt(ChainPosition position) {
  private static final int VERSION = 1;

  /** Refuses null. */
  public VoidReceipt {
    Objects.requireNonNull(position, "position");
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(2);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2);
    position.encode(out);
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static VoidReceipt decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("void", 2);
    in.key("void.version", 1);
    if (in.unsigned("void.version", VERSION) != VERSION) {
      throw new MalformedMessageException("void.version", in.offset(), "unknown version");
    }
    in.key("void.position", 2);
    ChainPosition position = ChainPosition.decode(in);
    in.end();
    return new VoidReceipt(position);
  }

  /** The id that the next receipt names as its predecessor. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs the VOID with the prover's key. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.VOID, encode(), networkId);
  }
}
