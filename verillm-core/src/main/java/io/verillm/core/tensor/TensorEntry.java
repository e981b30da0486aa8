package io.verillm.core.tensor;

import java.util.Objects;

/**
 * What a safetensors header says about one tensor.
 *
 * @param begin first byte, counted from the end of its file's header
 * @param end byte after the last one
 */
public record TensorEntry(String name, DType dtype, Shape shape, long begin, long end) {
  /** Refuses an entry whose byte range is not what type and shape need. */
  public TensorEntry {
    Objects.requireNonNull(name, "name");
    if (begin < 0
        || end < begin
        || end - begin != Math.multiplyExact(shape.elements(), dtype.bytes())) {
      throw new IllegalArgumentException(
          name + " " + dtype + shape + " does not fill " + begin + ".." + end);
    }
  }

  /** Size of the tensor's data. */
  public long byteLength() {
    return end - begin;
  }
}
