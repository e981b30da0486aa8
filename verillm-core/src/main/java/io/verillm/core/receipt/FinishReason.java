package io.verillm.core.receipt;

import java.util.Optional;

/** Why generation ended. Codes are stable on the wire. */
public enum FinishReason {
  /** The model drew an end-of-sequence token. */
  EOS(1),
  /** The delivered text reached one of the order's stop strings. */
  STOP(2),
  /** The order's maximum of tokens was reached. */
  LENGTH(3);

  private final int code;

  FinishReason(int code) {
    this.code = code;
  }

  /** The stable code. */
  public int code() {
    return code;
  }

  /** Finds a reason by its code. */
  public static Optional<FinishReason> ofCode(long code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[(int) code - 1])
        : Optional.empty();
  }
}
