package io.verillm.network.journal;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.Objection;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.StageReport;
import io.verillm.network.message.TermsAcceptance;
import java.util.Optional;

/**
 * What a party may say only once: two different messages in one slot are equivocation, or would let
 * a party pick the better of two.
 *
 * @param type the message's type
 * @param subject what it is about: order, receipt or job
 * @param number the committee or stage, 0 where there is none
 */
public record SigningSlot(MessageType type, Digest32 subject, int number) {
  /**
   * The slot of a payload; empty for types that may be signed at will.
   *
   * @throws MalformedMessageException if the payload is not of its type
   */
  public static Optional<SigningSlot> of(MessageType type, byte[] payload)
      throws MalformedMessageException {
    return switch (type) {
      case RECEIPT -> slot(type, Receipt.decode(payload).order(), 0);
      case ACK -> {
        ReceiptAck ack = ReceiptAck.decode(payload);
        // Two sources are two acks: they lead to different challenges by the policy's choice.
        yield slot(
            type, Digest32.sha256(ack.receipt().toByteArray(), ack.source().toByteArray()), 0);
      }
      case TERMS_ACCEPTANCE -> slot(type, TermsAcceptance.decode(payload).job(), 0);
      case DISPUTE -> slot(type, Dispute.decode(payload).job(), 0);
      case OBJECTION -> slot(type, Objection.decode(payload).job(), 0);
      case COMMITMENT -> {
        Commitment commitment = Commitment.decode(payload);
        yield slot(type, commitment.job(), commitment.round());
      }
      case REVEAL -> {
        Reveal reveal = Reveal.decode(payload);
        yield slot(type, reveal.job(), reveal.round());
      }
      case FRAGMENTS -> {
        Fragments fragments = Fragments.decode(payload);
        yield slot(type, fragments.job(), fragments.round());
      }
      case STAGE_REPORT -> {
        StageReport report = StageReport.decode(payload);
        yield slot(type, report.job(), report.stage());
      }
      default -> Optional.empty();
    };
  }

  private static Optional<SigningSlot> slot(MessageType type, Digest32 subject, int number) {
    return Optional.of(new SigningSlot(type, subject, number));
  }

  /** What it is about, for people. */
  @Override
  public String toString() {
    return type + " about " + subject.shortHex() + (number == 0 ? "" : ", " + number);
  }
}
