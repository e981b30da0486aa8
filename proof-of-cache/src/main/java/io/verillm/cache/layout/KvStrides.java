package io.verillm.cache.layout;

/**
 * Bytes from one index to the next along each axis, in the order of {@link KvAxis}. The stride of
 * an axis with a single index is never used; in a {@link KvScale} 0 says that the axis shares one
 * scale.
 */
public record KvStrides(long part, long layer, long block, long head, long token, long channel) {
  /** The stride of an axis. */
  public long of(KvAxis axis) {
    return switch (axis) {
      case PART -> part;
      case LAYER -> layer;
      case BLOCK -> block;
      case HEAD -> head;
      case TOKEN -> token;
      case CHANNEL -> channel;
    };
  }
}
