package io.verillm.network.segment;

import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.verdict.ReplayCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Re-executes an answer in contiguous layer segments that run at the same time, each from the
 * committed states at its lower boundary, and judges the rows as an ordinary replay does.
 *
 * <p>In exact arithmetic this decides as one prefill does: if every segment arrives at the states
 * that the next one starts from, then, from the bottom up, the chain of segments is the prefill. A
 * segment that arrives elsewhere is where the first difference lies. Judged with tolerance, drift
 * starts anew at every boundary, so deviations that grow slowly over the layers show less than in
 * one prefill: a policy that relies on the end-to-end figure runs one segment.
 *
 * <p>A boundary is used only if its states were opened at every position and none was loaded from a
 * reused prefix. Without any, this is one prefill. Thread-safe if the executors and the judge are.
 */
public final class SegmentParallelReplay implements ReplayCheck {
  private final List<ModelExecutor> executors;
  private final int segments;
  private final Function<ModelExecutor, ReplayCheck> judge;
  private final Executor pool;

  /**
   * Makes a check.
   *
   * @param executors of one model and one class, used in turn for the segments; not closed by it
   * @param segments how many segments to cut at most, 1 to the number of layers
   * @param judge makes the replay that compares, from the executor that it runs on; usually {@code
   *     PrefillReplay::new}
   * @param pool runs the segments; the result does not depend on its size
   */
  public SegmentParallelReplay(
      List<? extends ModelExecutor> executors,
      int segments,
      Function<ModelExecutor, ReplayCheck> judge,
      Executor pool) {
    this.executors = List.copyOf(executors);
    this.judge = Objects.requireNonNull(judge, "judge");
    this.pool = Objects.requireNonNull(pool, "pool");
    if (this.executors.isEmpty()) {
      throw new IllegalArgumentException("no executor");
    }
    ModelExecutor first = this.executors.get(0);
    for (ModelExecutor other : this.executors) {
      if (!other.modelDigest().equals(first.modelDigest())
          || !other.describe().equals(first.describe())) {
        throw new IllegalArgumentException("the executors differ in model or execution class");
      }
    }
    if (segments < 1 || segments > first.dimensions().layers()) {
      throw new IllegalArgumentException(
          segments + " segments of " + first.dimensions().layers() + " layers");
    }
    this.segments = segments;
  }

  @Override
  public Digest32 modelDigest() {
    return executors.get(0).modelDigest();
  }

  @Override
  public ModelDimensions dimensions() {
    return executors.get(0).dimensions();
  }

  @Override
  public Replay replay(ReplaySubject subject) {
    List<LayerRange> usable = new ArrayList<>();
    List<TensorView> boundaries = new ArrayList<>();
    int positions = subject.fedTokens().size();
    int first = 0;
    for (LayerRange wanted : LayerSegments.even(dimensions().layers(), segments)) {
      int end = wanted.end();
      Optional<TensorView> boundary =
          end == dimensions().layers()
              ? Optional.empty()
              : CommittedBoundary.below(end, subject.opened(), positions);
      if (boundary.isPresent() || end == dimensions().layers()) {
        usable.add(new LayerRange(first, end));
        boundary.ifPresent(boundaries::add);
        first = end;
      }
    }
    Replay replay =
        judge.apply(new SegmentedExecutor(executors, usable, boundaries, pool)).replay(subject);
    List<String> providers = new ArrayList<>(replay.providers());
    providers.add(
        "layers in segments " + usable.stream().map(SegmentParallelReplay::show).toList());
    return new Replay(replay.results(), replay.cells(), replay.tokensReplayed(), providers);
  }

  private static String show(LayerRange range) {
    return range.first() + ".." + (range.end() - 1);
  }
}
