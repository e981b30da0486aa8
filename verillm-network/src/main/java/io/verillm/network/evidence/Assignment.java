package io.verillm.network.evidence;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.slashing.FreshReexecution;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A fresh re-execution that decides whether a node is slashed.
 *
 * @param receipt the receipt that exceeded last
 * @param executorOwner who has to run it, drawn after the epoch closed
 * @param tried owners drawn before, who did not answer
 * @param answer what it found, empty until then
 */
public record Assignment(
    Digest32 receipt,
    String executorOwner,
    SortedSet<String> tried,
    Optional<FreshReexecution> answer) {
  /** Copies the owners. */
  public Assignment {
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(executorOwner, "executorOwner");
    tried = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(tried));
    Objects.requireNonNull(answer, "answer");
  }

  boolean isFor(FreshReexecution fresh) {
    return fresh.receipt().equals(receipt) && fresh.executorOwner().equals(executorOwner);
  }

  Assignment answered(FreshReexecution fresh) {
    return new Assignment(receipt, executorOwner, tried, Optional.of(fresh));
  }
}
