package io.verillm.network.fault;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The messages that show an objective fault, complete, so that anyone can check them offline with
 * {@link FaultJudge}. Until then it is an accusation and nothing else.
 *
 * @param accused whose fault it is
 * @param kind which fault; silence has its own proof, {@code flow.SilenceProof}
 * @param messages the messages, in the order that {@link FaultJudge} states for the kind; 1 to
 *     {@value #MAX_MESSAGES}
 */
public record FaultEvidence(VerifyingKey accused, FaultKind kind, List<SignedMessage> messages) {
  /** Most messages. */
  public static final int MAX_MESSAGES = 8;

  private static final int VERSION = 1;

  /** Copies the list. */
  public FaultEvidence {
    Objects.requireNonNull(accused, "accused");
    Objects.requireNonNull(kind, "kind");
    messages = List.copyOf(messages);
    if (messages.isEmpty() || messages.size() > MAX_MESSAGES) {
      throw new IllegalArgumentException("evidence has 1 to " + MAX_MESSAGES + " messages");
    }
  }

  /** Evidence from messages in the order of the kind. */
  public static FaultEvidence of(VerifyingKey accused, FaultKind kind, SignedMessage... messages) {
    return new FaultEvidence(accused, kind, List.of(messages));
  }

  /**
   * The claim in the terms of settlement: the accused's name is its key in hexadecimal.
   *
   * @throws IllegalArgumentException if messages of this number cannot show the kind
   */
  public FaultProof claim() {
    List<Digest32> ids = messages.stream().map(SignedMessage::id).toList();
    return new FaultProof(accused.toString(), kind, ids);
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(4);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).bytes(accused.toByteArray());
    out.unsigned(3).text(kind.name());
    out.unsigned(4).array(messages.size());
    messages.forEach(message -> out.bytes(message.encode()));
    return out.toByteArray();
  }

  /** Reads what {@link #encode} wrote; it checks no signature. */
  public static FaultEvidence decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.mapOf("fault", 4);
    in.key("fault.version", 1);
    if (in.unsigned("fault.version", 255) != VERSION) {
      throw in.malformed("fault.version", "unknown version");
    }
    in.key("fault.accused", 2);
    VerifyingKey accused = VerifyingKey.decode(in.bytesExactly("fault.accused", 32));
    in.key("fault.kind", 3);
    String name = in.text("fault.kind", 64);
    in.key("fault.messages", 4);
    int count = in.array("fault.messages", MAX_MESSAGES);
    List<SignedMessage> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(SignedMessage.decode(in.bytes("fault.message", SignedMessage.MAX_BYTES)));
    }
    in.end();
    try {
      return new FaultEvidence(accused, FaultKind.valueOf(name), messages);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("fault", 0, String.valueOf(e.getMessage()));
    }
  }
}
