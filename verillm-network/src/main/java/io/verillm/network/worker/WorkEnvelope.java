package io.verillm.network.worker;

import io.verillm.core.order.JobOrder;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;

/**
 * What a scheduler sends to a worker: one signed order, filled up with zeros to the length of its
 * size class. There is no field for what the item is for, because a worker may not know.
 *
 * <p>The filling hides lengths from whoever sees the line; encrypting it is the transport's job.
 */
public final class WorkEnvelope {
  private static final int VERSION = 1;

  private WorkEnvelope() {}

  /**
   * Seals an order.
   *
   * @return exactly as many bytes as its class says
   * @throws MalformedMessageException if the message is no readable order
   * @throws IllegalArgumentException if its prefix is longer than any class, or what else it says
   *     does not fit
   */
  public static byte[] seal(SignedMessage order) throws MalformedMessageException {
    int prefix = JobOrder.decode(order.payload()).prompt().size();
    SizeClass size =
        SizeClass.ofPrefix(prefix)
            .orElseThrow(() -> new IllegalArgumentException(prefix + " tokens have no class"));
    byte[] content = order.encode();
    for (int filling = size.envelopeBytes() - content.length; filling >= 0; filling--) {
      byte[] sealed = write(content, filling);
      if (sealed.length == size.envelopeBytes()) {
        return sealed;
      }
      if (sealed.length < size.envelopeBytes()) {
        break;
      }
    }
    throw new IllegalArgumentException(
        "an order of "
            + content.length
            + " bytes does not fit an envelope of "
            + size.envelopeBytes());
  }

  private static byte[] write(byte[] content, int filling) {
    return new CborWriter()
        .array(3)
        .unsigned(VERSION)
        .bytes(content)
        .bytes(new byte[filling])
        .toByteArray();
  }

  /**
   * Opens an envelope.
   *
   * @throws MalformedMessageException unless the bytes are exactly what {@link #seal} gives for the
   *     order inside
   */
  public static SignedMessage open(byte[] sealed) throws MalformedMessageException {
    SizeClass size =
        SizeClass.ofEnvelope(sealed.length)
            .orElseThrow(
                () ->
                    new MalformedMessageException(
                        "envelope", 0, "no class has " + sealed.length + " bytes"));
    CborReader in = CborReader.of(sealed);
    in.arrayOf("envelope", 3);
    if (in.unsigned("envelope.version", 255) != VERSION) {
      throw in.malformed("envelope.version", "not version 1");
    }
    byte[] content = in.bytes("envelope.order", sealed.length);
    byte[] filling = in.bytes("envelope.filling", sealed.length);
    for (byte one : filling) {
      if (one != 0) {
        throw in.malformed("envelope.filling", "is not all zeros");
      }
    }
    in.end();
    SignedMessage order = SignedMessage.decode(content);
    if (order.type() != MessageType.ORDER) {
      throw new MalformedMessageException("envelope.order", 0, "is no order");
    }
    int prefix = JobOrder.decode(order.payload()).prompt().size();
    if (!SizeClass.ofPrefix(prefix).equals(java.util.Optional.of(size))) {
      throw new MalformedMessageException(
          "envelope", 0, prefix + " tokens belong into another class");
    }
    return order;
  }
}
