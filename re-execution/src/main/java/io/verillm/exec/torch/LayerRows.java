package io.verillm.exec.torch;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.ModelExecutor.LayerResult;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.exec.LlamaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects what one block gives. Belongs to one thread. */
final class LayerRows implements CaptureSink {
  private final int layer;
  private final int firstPosition;
  private final DType dtype;
  private final Shape outputShape;
  private final Shape cachedShape;
  private final ByteBuffer outputs;
  private final ByteBuffer keys;
  private final ByteBuffer values;

  LayerRows(int layer, int firstPosition, int rows, LlamaConfig config, DType dtype) {
    this.layer = layer;
    this.firstPosition = firstPosition;
    this.dtype = dtype;
    this.outputShape = Shape.of(rows, config.hidden());
    this.cachedShape = Shape.of(rows, config.keyValueWidth());
    this.outputs = allocate(outputShape);
    this.keys = allocate(cachedShape);
    this.values = allocate(cachedShape);
  }

  private ByteBuffer allocate(Shape shape) {
    return ByteBuffer.allocate(
            Math.toIntExact(Math.multiplyExact(shape.elements(), (long) dtype.bytes())))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private @Nullable ByteBuffer target(RowKey key) {
    if (key.layer() != layer) {
      return null;
    }
    return switch (key.hook()) {
      case BLOCK_OUTPUT -> outputs;
      case AFTER_ROPE -> keys;
      case AS_CACHED -> values;
      default -> null;
    };
  }

  @Override
  public boolean wants(RowKey key) {
    return target(key) != null;
  }

  @Override
  public void accept(RowKey key, int first, TensorView rows) {
    ByteBuffer target = Objects.requireNonNull(target(key), "target");
    target.put((first - firstPosition) * rows.rowBytes(), rows.bytes(), 0, rows.bytes().limit());
  }

  LayerResult result() {
    return new LayerResult(
        TensorView.of(dtype, outputShape, outputs),
        TensorView.of(dtype, cachedShape, keys),
        TensorView.of(dtype, cachedShape, values));
  }
}
