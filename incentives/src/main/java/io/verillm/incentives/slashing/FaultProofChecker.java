package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * Verifies fault proofs: looks the messages up, checks that the accused signed them and that they
 * show the fault. Supplied by whoever holds messages and keys.
 */
@FunctionalInterface
public interface FaultProofChecker {
  /** What a checker found. */
  sealed interface Result {
    /** The messages prove the fault. */
    record Proven() implements Result {}

    /** They do not, or they are missing. */
    record NotProven(String why) implements Result {}
  }

  /** Checks a proof; throws only when it cannot decide. */
  @CheckReturnValue
  Result check(FaultProof proof);
}
