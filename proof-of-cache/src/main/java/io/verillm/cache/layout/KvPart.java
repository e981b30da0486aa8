package io.verillm.cache.layout;

import io.verillm.core.trace.TensorKind;

/** What a cache keeps of a token in one layer. */
public enum KvPart {
  /** The keys of all heads. */
  KEY(0, TensorKind.KEY),
  /** The values of all heads. */
  VALUE(1, TensorKind.VALUE);

  private final int index;
  private final TensorKind kind;

  KvPart(int index, TensorKind kind) {
    this.index = index;
    this.kind = kind;
  }

  /** 0 for keys, 1 for values. */
  public int index() {
    return index;
  }

  /** The kind of the committed row. */
  public TensorKind kind() {
    return kind;
  }
}
