package io.verillm.cache.matching;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An audit of the cache alone that runs the model stage by stage and stops as soon as it is
 * conclusive: at the first stage whose rows reject, or at the depth that was drawn at random. It
 * never accepts an answer, because the tokens are judged by logits that only the whole model gives.
 *
 * <p>Each stage has a calibration of its own for the rows up to it; the level is divided by the
 * number of stages, so that looking often costs nothing. An early end before the drawn depth is a
 * rejection, never an acquittal: a prover that knew where an audit ends would cheat above it.
 */
public final class StagedAudit {
  /**
   * One stage.
   *
   * @param lastLayer last layer that it runs
   * @param calibration of the rows in layers 1 to {@code lastLayer}
   */
  public record Stage(int lastLayer, CacheCalibration calibration) {}

  /**
   * What an audit found.
   *
   * @param decision of the stage at which it ended
   * @param p smallest p-value, times the number of stages that were planned
   * @param layersRun layers that were run
   * @param layersSaved layers of the model that were not run
   */
  public record Outcome(CacheDecision decision, double p, int layersRun, int layersSaved) {}

  private StagedAudit() {}

  /**
   * Runs an audit.
   *
   * @param rows the opened rows, none above the last stage's layer
   * @param stages ascending; the last one is the drawn depth
   * @param level rejection level of the whole audit
   * @throws IllegalArgumentException if the stages do not ascend
   */
  public static Outcome run(
      ModelExecutor executor, int[] fedTokens, CellErrors rows, List<Stage> stages, double level) {
    int layers = executor.dimensions().layers();
    requireAscending(stages, layers);
    int first = 0;
    TensorView states = null;
    double smallest = 1;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      Boundary boundary = new Boundary(rows, stage.lastLayer(), fedTokens.length);
      executor.prefill(
          fedTokens,
          new LayerRange(first, stage.lastLayer() + 1),
          states,
          boundary,
          LogitsSink.none());
      states = boundary.states();
      first = stage.lastLayer() + 1;
      List<CellError> errors =
          rows.errors().stream().filter(error -> error.layer() <= stage.lastLayer()).toList();
      if (errors.stream().anyMatch(error -> !error.isUsable())) {
        return new Outcome(CacheDecision.INCONCLUSIVE, 1, first, layers - first);
      }
      if (errors.size() < stage.calibration().cells()) {
        continue; // too few rows so far to say anything
      }
      CacheCalibration calibration = stage.calibration();
      double p = Math.min(1, calibration.pValue(calibration.score(errors)) * stages.size());
      smallest = Math.min(smallest, p);
      if (p <= level || i == stages.size() - 1) {
        return new Outcome(
            CacheDecision.of(smallest, level, Math.max(level, CacheDecision.WARNING_LEVEL)),
            smallest,
            first,
            layers - first);
      }
    }
    return new Outcome(CacheDecision.INCONCLUSIVE, smallest, first, layers - first);
  }

  private static void requireAscending(List<Stage> stages, int layers) {
    List<Integer> order = stages.stream().map(Stage::lastLayer).toList();
    if (stages.isEmpty()
        || !order.equals(new ArrayList<>(new TreeSet<>(order)))
        || order.get(0) < 1
        || order.get(order.size() - 1) >= layers) {
      throw new IllegalArgumentException("stages " + order + " of " + layers + " layers");
    }
  }

  /** Passes cache rows on and keeps the states that the next stage starts from. */
  private static final class Boundary implements CaptureSink {
    private final CellErrors rows;
    private final RowKey output;
    private final int tokens;
    private float @Nullable [] states;

    Boundary(CellErrors rows, int lastLayer, int tokens) {
      this.rows = rows;
      this.output = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, lastLayer);
      this.tokens = tokens;
    }

    @Override
    public boolean wants(RowKey key) {
      return key.equals(output) || rows.wants(key);
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView view) {
      if (!key.equals(output)) {
        rows.accept(key, firstPosition, view);
        return;
      }
      float[] part = view.toFloats();
      int width = Math.toIntExact(view.shape().dimension(1));
      if (states == null) {
        states = new float[tokens * width];
      }
      System.arraycopy(part, 0, states, firstPosition * width, part.length);
    }

    TensorView states() {
      if (states == null) {
        throw new IllegalStateException("the executor gave no states at the stage's end");
      }
      return TensorView.copyOf(Shape.of(tokens, states.length / tokens), states);
    }
  }
}
