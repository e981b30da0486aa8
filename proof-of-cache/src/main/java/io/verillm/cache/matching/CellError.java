package io.verillm.cache.matching;

import io.verillm.cache.layout.KvPart;
import java.util.Objects;

/**
 * The distance of one opened row from the recomputed one.
 *
 * @param error relative error, see {@link #relative}; infinite if one of the rows is unusable
 */
public record CellError(int layer, KvPart part, int position, double error) {
  /** Refuses null, negative numbers and NaN. */
  public CellError {
    Objects.requireNonNull(part, "part");
    if (layer < 0 || position < 0 || !(error >= 0)) {
      throw new IllegalArgumentException(
          "layer " + layer + ", position " + position + ", error " + error);
    }
  }

  /** Whether both rows were finite and the recomputed one was not zero beside another. */
  public boolean isUsable() {
    return error < Double.POSITIVE_INFINITY;
  }

  /**
   * Returns ‖claimed − rerun‖₂ / ‖rerun‖₂: 0 for equal rows, zeros of either sign included, about
   * √2 for independent directions of equal length, and infinity if a value is NaN or infinite or
   * only the recomputed row is zero, which nothing can be concluded from.
   *
   * <p>Sums in double over four strands; toleranced, relative 1e-12.
   *
   * @param width elements that are compared, at most the length of either array
   */
  public static double relative(float[] claimed, float[] rerun, int width) {
    double difference = 0;
    double norm = 0;
    double difference2 = 0;
    double norm2 = 0;
    double difference3 = 0;
    double norm3 = 0;
    double difference4 = 0;
    double norm4 = 0;
    int i = 0;
    for (; i + 3 < width; i += 4) {
      double d = (double) claimed[i] - rerun[i];
      double d2 = (double) claimed[i + 1] - rerun[i + 1];
      double d3 = (double) claimed[i + 2] - rerun[i + 2];
      double d4 = (double) claimed[i + 3] - rerun[i + 3];
      difference += d * d;
      difference2 += d2 * d2;
      difference3 += d3 * d3;
      difference4 += d4 * d4;
      norm += (double) rerun[i] * rerun[i];
      norm2 += (double) rerun[i + 1] * rerun[i + 1];
      norm3 += (double) rerun[i + 2] * rerun[i + 2];
      norm4 += (double) rerun[i + 3] * rerun[i + 3];
    }
    for (; i < width; i++) {
      double d = (double) claimed[i] - rerun[i];
      difference += d * d;
      norm += (double) rerun[i] * rerun[i];
    }
    return ratio(
        (difference + difference2) + (difference3 + difference4), (norm + norm2) + (norm3 + norm4));
  }

  /** The error that a squared distance and a squared norm stand for. */
  public static double ratio(double squaredDistance, double squaredNorm) {
    if (!(squaredDistance < Double.POSITIVE_INFINITY && squaredNorm < Double.POSITIVE_INFINITY)) {
      return Double.POSITIVE_INFINITY;
    }
    if (squaredDistance == 0) {
      return 0;
    }
    return squaredNorm == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(squaredDistance / squaredNorm);
  }
}
