package io.verillm.exec.torch;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.exec.LlamaConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The KV cache of one sequence over some layers, and the sink for what it captures. Cached rows are
 * what is committed, so they leave as views of the cache itself. A sink that reads rows in place
 * gets all rows of a step in one call, those that are not cached from memory kept beside the cache.
 */
final class TorchSequence implements DecodeSession {
  private final Object owner;
  private final TorchNumbers numbers;
  private final LayerRange layers;
  private final int capacity;
  private final int width;
  private final CaptureSink capture;
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();

  /** The caches' own bytes, per layer, where they are in host memory and below 2 GiB. */
  private final List<@Nullable ByteBuffer> keyBytes = new ArrayList<>();

  private final List<@Nullable ByteBuffer> valueBytes = new ArrayList<>();

  /** Rows that the sink reads in place and the cache does not hold, [capacity, width]. */
  private final Map<RowKey, Tensor> kept = new HashMap<>();

  /** Views over all positions, of cache and kept rows, in the sink's order; perhaps none. */
  private final List<BufferView> inPlace = new ArrayList<>();

  private final List<RowKey> inPlaceKeys;

  private int length;
  private boolean released;

  /** To be called inside {@link TorchRuntime#run}. */
  TorchSequence(
      Object owner,
      LlamaConfig config,
      TorchNumbers numbers,
      LayerRange layers,
      int capacity,
      CaptureSink capture) {
    this.owner = owner;
    this.numbers = numbers;
    this.layers = layers;
    this.capacity = capacity;
    this.width = config.keyValueWidth();
    this.capture = Objects.requireNonNull(capture, "capture");
    for (int layer = layers.first(); layer < layers.end(); layer++) {
      allocate(keys, keyBytes);
      allocate(values, valueBytes);
    }
    this.inPlaceKeys =
        capture.readableInPlace(
            numbers.onCpu() ? BufferView.Kind.HOST_DIRECT : BufferView.Kind.DEVICE);
    if (inPlaceKeys.stream().allMatch(key -> canShow(key, config))) {
      inPlaceKeys.forEach(key -> showInPlace(key, config));
    }
  }

  /** Rows of other layers, algebraic commitments and more than one buffer shows do not lie here. */
  private boolean canShow(RowKey key, LlamaConfig config) {
    long rowBytes = (long) Math.max(width, config.hidden()) * numbers.dtype().bytes();
    return key.kind() == key.hook().kind()
        && key.layer() >= layers.first()
        && key.layer() < layers.end()
        && (!numbers.onCpu() || capacity * rowBytes <= Integer.MAX_VALUE);
  }

  private void showInPlace(RowKey key, LlamaConfig config) {
    Tensor rows =
        switch (key.hook()) {
          case AFTER_ROPE -> keys(key.layer());
          case AS_CACHED -> values(key.layer());
          case BEFORE_ROPE -> keep(key, width);
          default -> keep(key, config.hidden());
        };
    long rowBytes = rows.nbytes() / capacity;
    inPlace.add(
        numbers.onCpu()
            ? BufferView.ofHost(
                TorchNumbers.bytes(rows), capacity, (int) rowBytes, rowBytes, /* owner= */ rows)
            : BufferView.ofDevice(
                rows.data_ptr().address(),
                rows.nbytes(),
                capacity,
                (int) rowBytes,
                rowBytes,
                TorchDevice.STREAM,
                rows));
  }

  private Tensor keep(RowKey key, int rowWidth) {
    Tensor rows = numbers.allocate(numbers.rowType(), capacity, rowWidth);
    rows.retainReference();
    kept.put(key, rows);
    return rows;
  }

  private void allocate(List<Tensor> caches, List<@Nullable ByteBuffer> bytes) {
    Tensor cache = numbers.allocate(numbers.rowType(), capacity, width);
    cache.retainReference();
    caches.add(cache);
    boolean visible = numbers.onCpu() && cache.nbytes() <= Integer.MAX_VALUE;
    bytes.add(visible ? TorchNumbers.bytes(cache) : null);
  }

  Object owner() {
    return owner;
  }

  LayerRange layers() {
    return layers;
  }

  @Override
  public int length() {
    return length;
  }

  /** Ends a step: shows its rows to a sink that reads them in place. */
  void advance(int rows) {
    if (!inPlace.isEmpty()) {
      if (numbers.onCpu()) {
        requireFiniteInPlace(rows);
      }
      capture.acceptInPlace(length, rows, inPlace);
    }
    length += rows;
  }

  /** On a device nobody looks; NaN there shows in the logits, which are refused. */
  private void requireFiniteInPlace(int rows) {
    for (int i = 0; i < inPlace.size(); i++) {
      requireFinite(inPlaceKeys.get(i), inPlace.get(i).rows(length, rows));
    }
  }

  void requireRoom(int more) {
    if (released) {
      throw new IllegalStateException("the session is closed");
    }
    if (more > capacity - length) {
      throw new IllegalArgumentException(
          more + " tokens after " + length + ", the session holds " + capacity);
    }
  }

  Tensor keys(int layer) {
    return keys.get(layer - layers.first());
  }

  Tensor values(int layer) {
    return values.get(layer - layers.first());
  }

  /** Fills the cache of a single layer with the rows of earlier positions. */
  void preload(TensorView keyRows, TensorView valueRows, int count) {
    if (count > 0) {
      keys.get(0).narrow(0, 0, count).copy_(numbers.upload(keyRows));
      values.get(0).narrow(0, 0, count).copy_(numbers.upload(valueRows));
    }
    length = count;
  }

  /** Appends the keys and values of positions from {@link #length} on, and shows them. */
  void append(int layer, Tensor keyRows, Tensor valueRows, int rows) {
    keys(layer).narrow(0, length, rows).copy_(keyRows);
    values(layer).narrow(0, length, rows).copy_(valueRows);
    int index = layer - layers.first();
    emitCached(
        new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer),
        keys.get(index),
        keyBytes.get(index),
        rows);
    emitCached(
        new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer),
        values.get(index),
        valueBytes.get(index),
        rows);
  }

  private void emitCached(RowKey key, Tensor cache, @Nullable ByteBuffer bytes, int rows) {
    if (!inPlace.isEmpty() || !capture.wants(key)) {
      return;
    }
    if (bytes == null) {
      accept(key, numbers.rows(cache.narrow(0, length, rows), rows, width));
      return;
    }
    int rowBytes = width * numbers.dtype().bytes();
    ByteBuffer part = bytes.slice(length * rowBytes, rows * rowBytes);
    accept(key, TensorView.of(numbers.dtype(), Shape.of(rows, width), part));
  }

  /** Shows rows that are not cached, if they are wanted; they begin at {@link #length}. */
  void emit(RowKey key, Tensor rows) {
    if (!wants(key)) {
      return;
    }
    int count = (int) rows.size(0);
    Tensor target = kept.get(key);
    if (target != null) {
      target.narrow(0, length, count).copy_(rows.reshape(count, target.size(1)));
    } else {
      accept(key, numbers.rows(rows, count, (int) (rows.numel() / count)));
    }
  }

  boolean wants(RowKey key) {
    return inPlace.isEmpty() ? capture.wants(key) : kept.containsKey(key);
  }

  private void accept(RowKey key, TensorView rows) {
    requireFinite(key, rows.bytes());
    capture.accept(key, length, rows);
  }

  private void requireFinite(RowKey key, ByteBuffer bytes) {
    if (!FiniteRows.areFinite(numbers.dtype(), bytes)) {
      throw new ArithmeticException(
          "non-finite value in " + key.hook() + " of layer " + key.layer());
    }
  }

  @Override
  public void close() {
    if (released) {
      return;
    }
    released = true;
    try {
      if (!inPlace.isEmpty()) {
        capture.releaseInPlace();
      }
    } finally {
      keys.forEach(Tensor::releaseReference);
      values.forEach(Tensor::releaseReference);
      kept.values().forEach(Tensor::releaseReference);
      keyBytes.clear();
      valueBytes.clear();
    }
  }
}
