package io.verillm.core.trace;

import java.util.Optional;

/** What a committed row is a row of. Codes are stable on the wire. */
public enum TensorKind {
  /** Hidden states, one row of the model's width per token. */
  HIDDEN(1),
  /** Keys of one layer: all KV heads of a token, concatenated. */
  KEY(2),
  /** Values of one layer: all KV heads of a token, concatenated. */
  VALUE(3);

  private final int code;

  TensorKind(int code) {
    this.code = code;
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
