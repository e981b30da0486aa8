package io.verillm.core.trace;

import java.util.Objects;

/**
 * Names one row of a token: kind, hook point and layer.
 *
 * @param layer block index from 0; at most 65535
 */
public record RowKey(TensorKind kind, HookPoint hook, int layer) {
  /** Checks the layer's range. */
  public RowKey {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(hook, "hook");
    if (layer < 0 || layer > 0xFFFF) {
      throw new IllegalArgumentException("layer " + layer + " is not in 0..65535");
    }
  }

  /** The row that holds the algebraic commitment to this one. */
  public RowKey commitment() {
    return new RowKey(TensorKind.COMMITMENT, hook, layer);
  }

  /** The row itself that a {@link TensorKind#COMMITMENT} is one to; of other rows, they. */
  public RowKey committed() {
    return new RowKey(hook.kind(), hook, layer);
  }
}
