package io.verillm.core.trace;

import java.util.Optional;

/** Where in a transformer block a row is taken. Codes are stable on the wire. */
public enum HookPoint {
  /** The residual stream that enters a block, before its first norm. */
  BLOCK_INPUT(1),
  /** The residual stream that leaves a block; for the last block this is before the final norm. */
  BLOCK_OUTPUT(2),
  /** Keys before the rotary embedding. */
  BEFORE_ROPE(3),
  /** Keys after the rotary embedding, as most engines cache them. */
  AFTER_ROPE(4),
  /** Values as they enter the cache. */
  AS_CACHED(5),
  /** The last block's output after the final norm. */
  AFTER_FINAL_NORM(6);

  private final int code;

  HookPoint(int code) {
    this.code = code;
  }

  /** The stable code, 1 to 255. */
  public int code() {
    return code;
  }

  /** What rows are taken here. */
  public TensorKind kind() {
    return switch (this) {
      case BLOCK_INPUT, BLOCK_OUTPUT, AFTER_FINAL_NORM -> TensorKind.HIDDEN;
      case BEFORE_ROPE, AFTER_ROPE -> TensorKind.KEY;
      case AS_CACHED -> TensorKind.VALUE;
    };
  }

  /** Finds a hook point by its code. */
  public static Optional<HookPoint> ofCode(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
