package io.verillm.cache.layout;

import java.util.Objects;

/**
 * Where the F32 factors of a quantised pool lie: an element's value is its code times the factor of
 * its index. Factors per tensor, layer, block, head or token are all strides that are 0 elsewhere.
 *
 * @param tensor name of the memory that holds the factors
 * @param offset byte at which the factor of the pool's first element lies
 * @param strides bytes along each axis, indices counted as in the pool; no stride along channels
 */
public record KvScale(String tensor, long offset, KvStrides strides) {
  /** Refuses nulls. */
  public KvScale {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(strides, "strides");
  }
}
