package io.verillm.testkit.cache;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import java.util.Map;

/**
 * What was measured on one request. From it follows what any number of cells, tokens or sketches
 * would have shown, at any level.
 *
 * @param errors per look, of every row above layer 0, see {@link Shape#index}
 * @param polynomial mean mantissa difference of the polynomials, 128 for a wrong exponent
 * @param meanRootMicros mean root of the tokens' margins, in millionths; 0 if tokens mean nothing
 * @param largestMicros largest of them, in millionths
 */
public record CacheRequest(
    Map<Look, float[]> errors, double polynomial, long meanRootMicros, long largestMicros) {
  /** Copies the map, not the arrays, which belong to this object. */
  public CacheRequest {
    errors = Map.copyOf(errors);
  }

  /**
   * Size of a request.
   *
   * @param tokens positions that have rows
   */
  public record Shape(ModelDimensions model, int tokens) {
    /** Rows above layer 0. */
    public int rows() {
      return (model.layers() - 1) * KvPart.values().length * tokens;
    }

    /** Where a row's error lies in an array of errors. */
    public int index(int layer, KvPart part, int position) {
      return ((layer - 1) * 2 + part.index()) * tokens + position;
    }
  }
}
