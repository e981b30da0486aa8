package io.verillm.core.trace;

import java.util.Optional;

/** What a committed row is a row of. Codes are stable on the wire. */
public enum TensorKind {
  /** Hidden states, one row of the model's width per token. */
  HIDDEN(1),
  /** Keys of one layer: all KV heads of a token, concatenated. */
  KEY(2),
  /** Values of one layer: all KV heads of a token, concatenated. */
  VALUE(3),
  /**
   * An algebraic commitment to the row at the same hook point of the same layer: one KZG point for
   * every {@value TraceLayout#WORDS_PER_POINT} words of 16 bits, see {@link TraceLayout}.
   */
  COMMITMENT(4);

  private final int code;

  TensorKind(int code) {
    this.code = code;
  }

  /** Whether rows of this kind are what a KV cache holds. */
  public boolean isCached() {
    return this == KEY || this == VALUE;
  }

  /** The stable code, 1 to 255. */
  public int code() {
    return code;
  }

  /** Finds a kind by its code. */
  public static Optional<TensorKind> ofCode(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
