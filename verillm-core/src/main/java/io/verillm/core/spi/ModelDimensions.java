package io.verillm.core.spi;

/**
 * The sizes that shape a trace.
 *
 * @param layers number of transformer blocks
 * @param hidden width of the residual stream, elements
 * @param keyWidth elements of one token's keys in one layer (KV heads × head dimension)
 * @param valueWidth elements of one token's values in one layer
 * @param vocabulary number of logits
 * @param maxPositions longest sequence the model takes
 */
public record ModelDimensions(
    int layers, int hidden, int keyWidth, int valueWidth, int vocabulary, int maxPositions) {
  /** Refuses sizes below one. */
  public ModelDimensions {
    if (layers < 1
        || hidden < 1
        || keyWidth < 1
        || valueWidth < 1
        || vocabulary < 1
        || maxPositions < 1) {
      throw new IllegalArgumentException("every dimension must be at least 1");
    }
  }
}
