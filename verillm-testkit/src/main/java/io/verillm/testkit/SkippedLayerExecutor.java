package io.verillm.testkit;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;

/**
 * Leaves one block out and covers it up: keys and values of the missing block are computed from its
 * true input, which is cheap, so that the first wrong rows are those of the block after it.
 */
public final class SkippedLayerExecutor extends DelegatingExecutor {
  private final ModelExecutor complete;
  private final int skipped;

  /**
   * @param shortened the model without the block
   * @param complete the ordered model, used for keys and values of the missing block only
   * @param skipped index of the missing block, neither the first nor the last
   */
  public SkippedLayerExecutor(ModelExecutor shortened, ModelExecutor complete, int skipped) {
    super(shortened);
    this.complete = complete;
    this.skipped = skipped;
    if (skipped < 1 || skipped >= complete.dimensions().layers() - 1) {
      throw new IllegalArgumentException("block " + skipped + " is not an inner one");
    }
  }

  @Override
  public ModelDimensions dimensions() {
    return complete.dimensions();
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return delegate().openSession(capacity, new Covering(capture));
  }

  /** Renumbers the blocks behind the gap and fills the gap's own rows. */
  private final class Covering implements CaptureSink {
    private final CaptureSink target;

    Covering(CaptureSink target) {
      this.target = target;
    }

    @Override
    public boolean wants(RowKey key) {
      return isInputOfMissing(key) || target.wants(renumbered(key));
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      RowKey claimed = renumbered(key);
      if (target.wants(claimed)) {
        target.accept(claimed, firstPosition, rows);
      }
      if (isInputOfMissing(key)) {
        if (target.wants(key)) {
          target.accept(key, firstPosition, rows); // the missing block passes its input through
        }
        cover(firstPosition, rows);
      }
    }

    /** In the shortened model the block that follows the gap has the gap's own index. */
    private boolean isInputOfMissing(RowKey key) {
      return key.kind() == TensorKind.HIDDEN
          && key.hook() == HookPoint.BLOCK_INPUT
          && key.layer() == skipped;
    }

    private RowKey renumbered(RowKey key) {
      return key.layer() < skipped ? key : new RowKey(key.kind(), key.hook(), key.layer() + 1);
    }

    private void cover(int firstPosition, TensorView inputs) {
      // Own keys and values do not depend on what the cache held before.
      ModelDimensions sizes = complete.dimensions();
      ModelExecutor.LayerResult result =
          complete.layer(
              skipped,
              firstPosition,
              inputs,
              zeros(firstPosition, sizes.keyWidth()),
              zeros(firstPosition, sizes.valueWidth()));
      RowKey keys = new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, skipped);
      RowKey values = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, skipped);
      if (target.wants(keys)) {
        target.accept(keys, firstPosition, result.keyRows());
      }
      if (target.wants(values)) {
        target.accept(values, firstPosition, result.valueRows());
      }
    }

    private TensorView zeros(int rows, int width) {
      return TensorView.copyOf(Shape.of(rows, width), new float[rows * width]);
    }
  }
}
