package io.verillm.core.verdict;

import io.verillm.core.wire.Digest32;
import java.util.Objects;
import java.util.Optional;

/**
 * Which messages a verdict is about, by their ids; empty where a message was absent, unreadable or
 * not signed.
 */
public record Subject(
    Optional<Digest32> order, Optional<Digest32> receipt, Optional<Digest32> challenge) {
  /** Refuses nulls. */
  public Subject {
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(challenge, "challenge");
  }
}
