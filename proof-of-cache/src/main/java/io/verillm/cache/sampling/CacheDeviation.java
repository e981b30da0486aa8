package io.verillm.cache.sampling;

/** What a prover may do to a cache, as a plan states its chance to miss it. */
public sealed interface CacheDeviation {
  /** Every cell is wrong, as with other weights, another prompt or a quantised cache. */
  record EveryCell() implements CacheDeviation {}

  /**
   * Right up to a layer, wrong from there on, at every position.
   *
   * @param layer first wrong layer, at least 1
   */
  record Suffix(int layer) implements CacheDeviation {}

  /**
   * Some positions have wrong rows in the last layer, placed where they are least looked for.
   *
   * @param count at least 1
   */
  record Positions(int count) implements CacheDeviation {}

  /** One cell is wrong, in the layer below the last and at the position least looked for. */
  record SingleCell() implements CacheDeviation {}
}
