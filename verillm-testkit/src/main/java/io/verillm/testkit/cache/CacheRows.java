package io.verillm.testkit.cache;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;

/** All key and value rows of one short sequence, on the heap. One thread. */
public final class CacheRows implements CaptureSink {
  private final float[][][] rows;
  private final int layers;
  private final int width;

  /** Makes room for a sequence. */
  public CacheRows(ModelDimensions model, int positions) {
    this.layers = model.layers();
    this.width = model.keyWidth();
    this.rows = new float[2 * layers][positions][];
  }

  /** The name of a row. */
  public static RowKey key(KvPart part, int layer) {
    return part == KvPart.KEY
        ? new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer)
        : new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer);
  }

  @Override
  public boolean wants(RowKey key) {
    return key.hook() == HookPoint.AFTER_ROPE || key.hook() == HookPoint.AS_CACHED;
  }

  @Override
  public void accept(RowKey key, int firstPosition, TensorView view) {
    KvPart part = key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
    float[][] plane = rows[part.index() * layers + key.layer()];
    for (int i = 0; i < view.shape().dimension(0); i++) {
      plane[firstPosition + i] = view.row(i).toFloats();
    }
  }

  /** One row; the array belongs to this object. */
  public float[] row(KvPart part, int layer, int position) {
    return rows[part.index() * layers + layer][position];
  }

  /** One row as a view. */
  public TensorView view(KvPart part, int layer, int position) {
    return TensorView.copyOf(Shape.of(width), row(part, layer, position));
  }
}
