package io.verillm.examples.sharding;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.stats.cdv.ShardedExecution;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node that runs contiguous layers of a model for {@link ShardedExecution}.
 *
 * <p>What is passed from shard to shard is one array of F32 values: the rows that leave the last
 * block of the range, shape [tokens, hidden], and from the last range the logits of the last
 * position. As safe for threads as its executor. It proves nothing about the node: the consensus of
 * several does.
 */
public final class LayerShard implements ShardedExecution.Runner<float[]> {
  private final ModelExecutor executor;
  private final int[] tokens;
  private final List<LayerRange> ranges;

  /**
   * Makes a node.
   *
   * @param executor runs the layers; stays the caller's
   * @param tokens the whole sequence
   * @param ranges the shards, adjoining and complete
   */
  public LayerShard(ModelExecutor executor, int[] tokens, List<LayerRange> ranges) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.tokens = tokens.clone();
    this.ranges = List.copyOf(ranges);
    int next = 0;
    for (LayerRange range : ranges) {
      if (range.first() != next) {
        throw new IllegalArgumentException("ranges must adjoin: " + range + " after " + next);
      }
      next = range.end();
    }
    if (next != executor.dimensions().layers()) {
      throw new IllegalArgumentException("ranges end at " + next);
    }
  }

  @Override
  public float[] run(int shard, float[] input) {
    return run(ranges.get(shard), input);
  }

  /** Runs a range on rows, none for the first range. */
  private float[] run(LayerRange range, float[] input) {
    int hidden = executor.dimensions().hidden();
    TensorView boundary =
        range.first() == 0 ? null : TensorView.copyOf(Shape.of(tokens.length, hidden), input);
    boolean last = range.end() == executor.dimensions().layers();
    BoundaryRows rows = new BoundaryRows(range.end() - 1, tokens.length, hidden);
    LastLogits logits = new LastLogits(tokens.length - 1);
    executor.prefill(
        tokens,
        range,
        boundary,
        last ? CaptureSink.none() : rows,
        last ? logits : LogitsSink.none());
    return last ? Objects.requireNonNull(logits.values, "logits") : rows.values;
  }

  private static final class BoundaryRows implements CaptureSink {
    private final RowKey key;
    private final int width;
    private final float[] values;

    BoundaryRows(int layer, int positions, int width) {
      this.key = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer);
      this.width = width;
      this.values = new float[Math.multiplyExact(positions, width)];
    }

    @Override
    public boolean wants(RowKey wanted) {
      return wanted.equals(key);
    }

    @Override
    public void accept(RowKey accepted, int firstPosition, TensorView rows) {
      float[] part = rows.toFloats();
      System.arraycopy(part, 0, values, firstPosition * width, part.length);
    }
  }

  private static final class LastLogits implements LogitsSink {
    private final int position;
    private float @Nullable [] values;

    LastLogits(int position) {
      this.position = position;
    }

    @Override
    public boolean wants(int wanted) {
      return wanted == position;
    }

    @Override
    public void accept(int at, float[] logits) {
      values = logits.clone();
    }
  }
}
