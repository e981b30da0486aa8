package io.verillm.network.flow;

import io.verillm.core.wire.SignedMessage;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing that a machine took: a message, or a deadline that passed.
 *
 * @param timeMillis when, Unix milliseconds; for a deadline the first moment after it
 * @param message the message; empty for a deadline
 */
public record JobInput(long timeMillis, Optional<SignedMessage> message) {
  /** Refuses null. */
  public JobInput {
    Objects.requireNonNull(message, "message");
  }
}
