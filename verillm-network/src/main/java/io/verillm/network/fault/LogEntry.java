package io.verillm.network.fault;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.Objects;

/**
 * What a log records of one message: when, what, whose and which. The message itself stays with the
 * parties, because openings disclose content.
 *
 * @param timeMillis when the log received it, Unix milliseconds, not negative
 * @param type the message's type
 * @param signer who signed it
 * @param message the message's id
 */
public record LogEntry(long timeMillis, MessageType type, VerifyingKey signer, Digest32 message) {
  /** Checks the time. */
  public LogEntry {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(signer, "signer");
    Objects.requireNonNull(message, "message");
    if (timeMillis < 0) {
      throw new IllegalArgumentException("time " + timeMillis);
    }
  }

  /** The entry of a message that arrives now. */
  public static LogEntry of(long timeMillis, SignedMessage message) {
    return new LogEntry(timeMillis, message.type(), message.signer(), message.id());
  }

  /** The leaf of the log's tree: the hash of CBOR [time, type, signer, message id]. */
  public Digest32 leaf() {
    CborWriter out = new CborWriter();
    write(out);
    return MerkleHash.leaf(out.toByteArray());
  }

  void write(CborWriter out) {
    out.array(4).unsigned(timeMillis).unsigned(type.code());
    out.bytes(signer.toByteArray()).digest(message);
  }

  static LogEntry read(CborReader in) throws MalformedMessageException {
    in.arrayOf("log-entry", 4);
    long time = in.unsigned("log-entry.time");
    long code = in.unsigned("log-entry.type", 255);
    MessageType type =
        MessageType.ofCode(code).orElseThrow(() -> in.malformed("log-entry.type", "unknown"));
    VerifyingKey signer = VerifyingKey.decode(in.bytesExactly("log-entry.signer", 32));
    return new LogEntry(time, type, signer, in.digest("log-entry.message"));
  }
}
