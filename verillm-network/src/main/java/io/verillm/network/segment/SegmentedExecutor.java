package io.verillm.network.segment;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A prefill whose segments run side by side. The rows that a comparison gets at a boundary are the
 * lower segment's output, never the committed states that the upper segment was started from: those
 * would agree with themselves.
 */
final class SegmentedExecutor implements ModelExecutor {
  private final List<? extends ModelExecutor> executors;
  private final List<LayerRange> segments;
  private final List<TensorView> boundaries;
  private final Executor pool;

  /**
   * Makes an executor.
   *
   * @param executors one per segment, or fewer, which are then used in turn; all of one model
   * @param segments ascending, covering all layers
   * @param boundaries committed input rows of every segment but the first, F32, shape [positions,
   *     hidden]
   */
  SegmentedExecutor(
      List<? extends ModelExecutor> executors,
      List<LayerRange> segments,
      List<TensorView> boundaries,
      Executor pool) {
    this.executors = executors;
    this.segments = segments;
    this.boundaries = boundaries;
    this.pool = pool;
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    if (layers.first() != 0 || layers.end() != dimensions().layers() || boundaryStates != null) {
      throw new IllegalArgumentException("segments cover the whole model, not " + layers);
    }
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      int segment = i;
      running.add(CompletableFuture.runAsync(() -> run(segment, tokens, capture, logits), pool));
    }
    RuntimeException failed = null;
    for (CompletableFuture<Void> one : running) {
      try {
        one.join();
      } catch (CompletionException e) {
        // All segments end before anyone sees the failure: sinks are not called afterwards.
        failed = failed == null ? asUnchecked(e.getCause()) : failed;
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private static RuntimeException asUnchecked(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("a segment failed", cause);
  }

  private void run(int segment, int[] tokens, CaptureSink capture, LogitsSink logits) {
    LayerRange range = segments.get(segment);
    TensorView states = segment == 0 ? null : boundaries.get(segment - 1);
    boolean belowBoundary = segment < boundaries.size();
    executors
        .get(segment % executors.size())
        .prefill(tokens, range, states, new SegmentSink(range, belowBoundary, capture), logits);
  }

  /** Hands rows on, one segment at a time, a boundary's states under both of their names. */
  private static final class SegmentSink implements CaptureSink {
    private final LayerRange range;
    private final boolean belowBoundary;
    private final CaptureSink target;

    SegmentSink(LayerRange range, boolean belowBoundary, CaptureSink target) {
      this.range = range;
      this.belowBoundary = belowBoundary;
      this.target = target;
    }

    /** The names under which a prover may have committed what is emitted here. */
    private List<RowKey> names(RowKey emitted) {
      if (emitted.hook() == HookPoint.BLOCK_INPUT
          && emitted.layer() == range.first()
          && range.first() > 0) {
        return List.of(); // the committed states themselves
      }
      return belowBoundary
              && emitted.hook() == HookPoint.BLOCK_OUTPUT
              && emitted.layer() == range.end() - 1
          ? List.of(emitted, new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, range.end()))
          : List.of(emitted);
    }

    @Override
    public boolean wants(RowKey key) {
      synchronized (target) {
        return names(key).stream().anyMatch(target::wants);
      }
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      synchronized (target) {
        for (RowKey name : names(key)) {
          if (target.wants(name)) {
            target.accept(name, firstPosition, rows);
          }
        }
      }
    }
  }

  private ModelExecutor any() {
    return executors.get(0);
  }

  @Override
  public ExecutionClass describe() {
    return any().describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return any().dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return any().modelDigest();
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return any().openSession(capacity, capture);
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    return any().decodeStep(session, token);
  }

  @Override
  public LayerResult layer(
      int layer,
      int firstPosition,
      TensorView inputRows,
      TensorView keyRows,
      TensorView valueRows) {
    return any().layer(layer, firstPosition, inputRows, keyRows, valueRows);
  }

  @Override
  public void close() {
    // The executors belong to whoever made them.
  }
}
