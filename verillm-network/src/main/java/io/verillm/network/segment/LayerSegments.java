package io.verillm.network.segment;

import io.verillm.core.spi.LayerRange;
import java.util.ArrayList;
import java.util.List;

/** Divides a model's layers into contiguous segments. */
public final class LayerSegments {
  private LayerSegments() {}

  /**
   * Divides as evenly as whole layers allow: sizes differ by at most one, longer segments first.
   *
   * @param layers of the model, at least 1
   * @param segments 1 to {@code layers}
   * @throws IllegalArgumentException if a number is out of range
   */
  public static List<LayerRange> even(int layers, int segments) {
    if (segments < 1 || segments > layers) {
      throw new IllegalArgumentException(segments + " segments of " + layers + " layers");
    }
    List<LayerRange> ranges = new ArrayList<>();
    int first = 0;
    for (int i = 0; i < segments; i++) {
      int end = first + layers / segments + (i < layers % segments ? 1 : 0);
      ranges.add(new LayerRange(first, end));
      first = end;
    }
    return List.copyOf(ranges);
  }
}
