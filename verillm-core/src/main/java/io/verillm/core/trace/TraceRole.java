package io.verillm.core.trace;

import java.util.Optional;

/** Whose trace it is. Codes are stable on the wire. */
public enum TraceRole {
  /** The party that generated the answer. */
  PROVER(1),
  /** A party that re-executed it. */
  VERIFIER(2);

  private final int code;

  TraceRole(int code) {
    this.code = code;
  }

  /** The stable code. */
  public int code() {
    return code;
  }

  /** Finds a role by its code. */
  public static Optional<TraceRole> ofCode(int code) {
    return code == 1 ? Optional.of(PROVER) : code == 2 ? Optional.of(VERIFIER) : Optional.empty();
  }
}
