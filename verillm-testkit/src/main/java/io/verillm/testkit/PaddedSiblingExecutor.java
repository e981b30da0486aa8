package io.verillm.testkit;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import java.util.Arrays;

/**
 * Runs a smaller model and commits rows of the ordered model's shape: the smaller model's rows,
 * repeated over the layers it does not have and filled up with zeros.
 */
public final class PaddedSiblingExecutor extends DelegatingExecutor {
  private final ModelDimensions ordered;

  /**
   * @param sibling the model that really runs
   * @param ordered sizes of the model that was ordered
   */
  public PaddedSiblingExecutor(ModelExecutor sibling, ModelDimensions ordered) {
    super(sibling);
    this.ordered = ordered;
  }

  @Override
  public ModelDimensions dimensions() {
    return ordered;
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return delegate().openSession(capacity, new Padding(capture));
  }

  /** Turns each row of the sibling into rows of the ordered model. */
  private final class Padding implements CaptureSink {
    private final CaptureSink target;

    Padding(CaptureSink target) {
      this.target = target;
    }

    @Override
    public boolean wants(RowKey key) {
      for (int layer = 0; layer < ordered.layers(); layer++) {
        if (source(layer) == key.layer() && target.wants(at(key, layer))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      for (int layer = 0; layer < ordered.layers(); layer++) {
        RowKey claimed = at(key, layer);
        if (source(layer) == key.layer() && target.wants(claimed)) {
          target.accept(claimed, firstPosition, widen(rows, width(key)));
        }
      }
    }

    /** The sibling's layer that stands in for a layer; its last one ends the model in both. */
    private int source(int layer) {
      int last = delegate().dimensions().layers() - 1;
      return layer == ordered.layers() - 1 ? last : Math.min(layer, last);
    }

    private RowKey at(RowKey key, int layer) {
      return new RowKey(key.kind(), key.hook(), layer);
    }

    private int width(RowKey key) {
      return switch (key.kind()) {
        case HIDDEN -> ordered.hidden();
        case KEY -> ordered.keyWidth();
        case VALUE -> ordered.valueWidth();
        case COMMITMENT -> throw new IllegalArgumentException("no model gives " + key);
      };
    }

    private TensorView widen(TensorView rows, int width) {
      int count = Math.toIntExact(rows.shape().dimension(0));
      float[] wide = new float[count * width];
      for (int i = 0; i < count; i++) {
        float[] narrow = rows.row(i).toFloats();
        float[] row = Arrays.copyOf(narrow, width);
        System.arraycopy(row, 0, wide, i * width, width);
      }
      return TensorView.copyOf(Shape.of(count, width), wide);
    }
  }
}
