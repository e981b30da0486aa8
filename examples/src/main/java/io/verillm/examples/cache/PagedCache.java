package io.verillm.examples.cache;

import io.verillm.cache.layout.KvCacheFile;
import io.verillm.cache.layout.KvLayout;
import io.verillm.cache.layout.KvLayouts;
import io.verillm.cache.layout.KvStrides;
import io.verillm.cache.layout.VllmOrder;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.LlamaConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * Stands in for a serving engine: one buffer in vLLM's default order, in blocks of sixteen
 * positions that the sequence uses in no particular order, filled while the model runs. This is the
 * part that a plug-in has for free; {@link #write} is all that it adds. One thread.
 */
final class PagedCache implements CaptureSink {
  private static final int BLOCK = 16;

  private final KvLayout layout;
  private final int blocks;
  private final ByteBuffer memory;

  PagedCache(LlamaConfig model, int positions) throws MalformedMessageException {
    int used = (positions + BLOCK - 1) / BLOCK;
    this.blocks = used + 3; // other sequences have blocks in the same buffer
    int[] table = new int[used];
    for (int i = 0; i < used; i++) {
      table[i] = blocks - 1 - i;
    }
    int headDim = model.headDim();
    int heads = model.keyValueWidth() / headDim;
    this.layout =
        KvLayouts.vllm(
            new KvLayouts.Sizes(DType.F32, model.layers(), heads, headDim, positions),
            VllmOrder.LBHNC,
            blocks,
            BLOCK,
            table);
    int elements = model.layers() * blocks * heads * BLOCK * 2 * headDim;
    this.memory = ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public boolean wants(RowKey key) {
    return key.hook() == HookPoint.AFTER_ROPE || key.hook() == HookPoint.AS_CACHED;
  }

  @Override
  public void accept(RowKey key, int firstPosition, TensorView rows) {
    int part = key.kind() == TensorKind.KEY ? 0 : 1;
    for (int i = 0; i < rows.shape().dimension(0); i++) {
      float[] row = rows.row(i).toFloats();
      for (int element = 0; element < row.length; element++) {
        memory.putFloat(at(part, key.layer(), firstPosition + i, element), row[element]);
      }
    }
  }

  private int at(int part, int layer, int position, int element) {
    KvStrides strides = layout.pools().get(0).strides();
    int head = element / layout.headDim();
    int channel = element % layout.headDim();
    return (int)
        (part * strides.part()
            + layer * strides.layer()
            + layout.blockTable()[position / BLOCK] * strides.block()
            + head * strides.head()
            + position % BLOCK * strides.token()
            + channel * strides.channel());
  }

  /** Changes a value of every token in a layer, as an engine does that computed something else. */
  void nudge(int layer, float factor) {
    for (int position = 0; position < layout.positions(); position++) {
      int at = at(1, layer, position, 0);
      memory.putFloat(at, memory.getFloat(at) * factor);
    }
  }

  /** Writes the buffer as it is, with its descriptor. */
  void write(Path file) throws IOException {
    Shape shape = Shape.of(layout.layers(), blocks, layout.heads(), BLOCK, 2L * layout.headDim());
    KvCacheFile.write(
        file, layout, Map.of(KvLayouts.BUFFER, TensorView.of(DType.F32, shape, memory)));
  }
}
