package io.verillm.cache.layout;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Memory with one set of strides. A cache is one pool (vLLM's shared buffer), one per layer and
 * part (contiguous caches), one per rank (tensor and pipeline parallelism: the lists say which
 * layers and heads the rank holds), or one per page (page files).
 *
 * @param tensor name of the memory; several pools may share it
 * @param offset byte of the first element
 * @param parts parts along the part axis, in the order of that axis
 * @param layers the model's layers along the layer axis
 * @param heads the model's KV heads along the head axis
 * @param firstBlock block that is index 0 of the block axis
 * @param blocks length of the block axis
 * @param scale factors of a quantised pool
 */
public record KvPool(
    String tensor,
    long offset,
    List<KvPart> parts,
    List<Integer> layers,
    List<Integer> heads,
    int firstBlock,
    int blocks,
    KvStrides strides,
    Optional<KvScale> scale) {
  /** Copies the lists. */
  public KvPool {
    Objects.requireNonNull(tensor, "tensor");
    parts = List.copyOf(parts);
    layers = List.copyOf(layers);
    heads = List.copyOf(heads);
    Objects.requireNonNull(strides, "strides");
    Objects.requireNonNull(scale, "scale");
  }

  /** Number of indices along an axis. */
  long extent(KvAxis axis, KvLayout layout) {
    return switch (axis) {
      case PART -> parts.size();
      case LAYER -> layers.size();
      case BLOCK -> blocks;
      case HEAD -> heads.size();
      case TOKEN -> layout.blockSize();
      case CHANNEL -> layout.headDim();
    };
  }
}
