package io.verillm.core.receipt;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.Objects;
import java.util.Optional;

/**
 * Two messages that one key should never have signed both: two receipts for one order, or two
 * entries with one sequence number. Anyone can check it offline, because both carry the accused's
 * own signature.
 *
 * <p>A gap in the numbers is no conflict, and neither is the same message twice.
 *
 * @param accused the key that signed both
 * @param kind what is wrong with them
 * @param first id of the one message
 * @param second id of the other
 */
public record ReceiptConflict(VerifyingKey accused, Kind kind, Digest32 first, Digest32 second) {
  /** What two messages disagree about. */
  public enum Kind {
    /** Two different receipts answer the same order. */
    TWO_RECEIPTS_FOR_ONE_ORDER,
    /** Two different entries of a chain have the same epoch and sequence number. */
    ONE_SEQUENCE_NUMBER_TWICE
  }

  /** Refuses nulls. */
  public ReceiptConflict {
    Objects.requireNonNull(accused, "accused");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
  }

  /**
   * Finds the conflict between two signed messages.
   *
   * @return empty if either signature does not hold, the signers differ, or nothing is wrong
   */
  @CheckReturnValue
  public static Optional<ReceiptConflict> between(
      SignedMessage one, SignedMessage other, String networkId) {
    if (!one.signer().equals(other.signer())
        || one.id().equals(other.id())
        || !one.verify(networkId)
        || !other.verify(networkId)) {
      return Optional.empty();
    }
    try {
      Optional<Digest32> oneOrder = orderOf(one);
      if (oneOrder.isPresent() && oneOrder.equals(orderOf(other))) {
        return Optional.of(
            new ReceiptConflict(
                one.signer(), Kind.TWO_RECEIPTS_FOR_ONE_ORDER, one.id(), other.id()));
      }
      ChainPosition onePosition = positionOf(one);
      ChainPosition otherPosition = positionOf(other);
      boolean sameNumber =
          onePosition.epoch() == otherPosition.epoch()
              && onePosition.sequence() == otherPosition.sequence();
      return sameNumber
          ? Optional.of(
              new ReceiptConflict(
                  one.signer(), Kind.ONE_SEQUENCE_NUMBER_TWICE, one.id(), other.id()))
          : Optional.empty();
    } catch (MalformedMessageException e) {
      // Unreadable payloads are judged where they are verified; they prove no equivocation.
      return Optional.empty();
    }
  }

  private static Optional<Digest32> orderOf(SignedMessage message)
      throws MalformedMessageException {
    return message.type() == MessageType.RECEIPT
        ? Optional.of(Receipt.decode(message.payload()).order())
        : Optional.empty();
  }

  private static ChainPosition positionOf(SignedMessage message) throws MalformedMessageException {
    return switch (message.type()) {
      case RECEIPT -> Receipt.decode(message.payload()).position();
      case VOID -> VoidReceipt.decode(message.payload()).position();
      default -> throw new MalformedMessageException("message.type", 0, "not of a chain");
    };
  }
}
