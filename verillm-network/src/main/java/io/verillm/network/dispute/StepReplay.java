package io.verillm.network.dispute;

import io.verillm.core.order.JobOrder;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Runs steps of a committed computation again, from committed inputs. */
final class StepReplay {
  private final ModelExecutor executor;
  private final StepLimit limit;

  StepReplay(ModelExecutor executor, StepLimit limit) {
    this.executor = executor;
    this.limit = limit;
  }

  /** The tokens at the first {@code count} positions of an opening. */
  static int[] tokens(OpeningOutcome.Verified rows, int count) {
    int[] tokens = new int[count];
    for (int position = 0; position < count; position++) {
      tokens[position] = rows.token(position).orElseThrow();
    }
    return tokens;
  }

  /** Rows of positions {@code from} to {@code to} − 1, F32, shape [to − from, width]. */
  static TensorView stack(OpeningOutcome.Verified rows, RowKey key, int from, int to) {
    TraceLayout layout = rows.layout();
    int width = layout.row(layout.indexOf(key).orElseThrow()).width();
    float[] all = new float[Math.multiplyExact(to - from, width)];
    for (int position = from; position < to; position++) {
      TensorView row = rows.row(position, key).orElseThrow();
      FloatTensors.toFloats(row, 0, all, (position - from) * width, width);
    }
    return TensorView.copyOf(Shape.of(to - from, width), all);
  }

  /**
   * The first committed row of a layer, at positions {@code from} to {@code to} − 1, that is over
   * its limit, computed from the committed input of those positions and the committed cache of
   * those before.
   */
  Optional<RowFault> layer(OpeningOutcome.Verified rows, int layer, int from, int to) {
    TraceLayout layout = rows.layout();
    RowKey inputs = BisectionRows.statesBelow(layout, layer);
    Optional<RowFault> embedding =
        layer == 0 ? embedding(rows, inputs, from, to) : Optional.empty();
    ModelExecutor.LayerResult result =
        executor.layer(
            layer,
            from,
            stack(rows, inputs, from, to),
            stack(rows, BisectionRows.keys(layer), 0, from),
            stack(rows, BisectionRows.values(layer), 0, from));
    for (int position = from; position < to; position++) {
      if (embedding.isPresent() && embedding.get().position() == position) {
        return embedding;
      }
      int at = position - from;
      for (RowFault fault :
          List.of(
              new RowFault(BisectionRows.keys(layer), position, result.keyRows().row(at)),
              new RowFault(BisectionRows.values(layer), position, result.valueRows().row(at)),
              new RowFault(
                  BisectionRows.statesBelow(layout, layer + 1),
                  position,
                  result.outputRows().row(at)))) {
        if (isOver(rows, fault)) {
          return Optional.of(fault);
        }
      }
    }
    return Optional.empty();
  }

  /** A row, where it is, and what it should have been. */
  record RowFault(RowKey key, int position, TensorView rerun) {}

  private Optional<RowFault> embedding(
      OpeningOutcome.Verified rows, RowKey inputs, int from, int to) {
    List<RowFault> computed = new ArrayList<>();
    int[] tokens = new int[to - from];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = rows.token(from + i).orElseThrow();
    }
    // An embedding does not depend on where its token stands.
    executor.prefill(
        tokens,
        new LayerRange(0, 1),
        null,
        sink(Set.of(inputs), (key, at, row) -> computed.add(new RowFault(key, from + at, row))),
        LogitsSink.none());
    return computed.stream().filter(one -> isOver(rows, one)).findFirst();
  }

  /**
   * Whether running layers {@code lower} to {@code upper} − 1 from {@code states} arrives at the
   * committed states.
   *
   * @param states committed states below {@code lower}; not read if that is 0
   * @param rows an opening with the states below {@code upper}
   */
  boolean arrives(
      TensorView states, OpeningOutcome.Verified rows, int lower, int upper, int positions) {
    RowKey committed = BisectionRows.statesBelow(rows.layout(), upper);
    RowKey emitted = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, upper - 1);
    Set<Integer> wrong = new HashSet<>();
    executor.prefill(
        tokens(rows, positions),
        new LayerRange(lower, upper),
        lower == 0 ? null : states,
        sink(
            Set.of(emitted),
            (key, position, row) -> {
              if (isOver(rows, new RowFault(committed, position, row))) {
                wrong.add(position);
              }
            }),
        LogitsSink.none());
    return wrong.isEmpty();
  }

  /**
   * The first position from {@code from} to {@code to} − 1 at which model, settings and seed draw
   * another token than the committed one, computed from the committed states below the last layer.
   */
  Optional<Integer> wrongDraw(
      OpeningOutcome.Verified rows, JobOrder order, SamplingSeed seed, int from, int to) {
    int last = rows.layout().dimensions().layers() - 1;
    int prompt = order.prompt().size();
    int first = Math.max(from, prompt - 1);
    if (first >= to) {
      return Optional.empty();
    }
    int[] tokens = tokens(rows, to + 1);
    TokenSampler sampler = new TokenSampler(order.sampling(), new GumbelNoise(seed, 0));
    List<Integer> wrong = new ArrayList<>();
    executor.prefill(
        tokens(rows, to),
        new LayerRange(last, last + 1),
        last == 0 ? null : stack(rows, BisectionRows.statesBelow(rows.layout(), last), 0, to),
        CaptureSink.none(),
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return position >= first;
          }

          @Override
          public void accept(int position, float[] logits) {
            if (sampler.draw(logits, tokens, prompt, position + 1) != tokens[position + 1]) {
              wrong.add(position);
            }
          }
        });
    return wrong.stream().findFirst();
  }

  private boolean isOver(OpeningOutcome.Verified rows, RowFault computed) {
    TensorView committed = rows.row(computed.position(), computed.key()).orElseThrow();
    TensorView rerun = computed.rerun();
    if (committed.dtype() != rerun.dtype()) {
      rerun = FloatTensors.ofFloats(committed.dtype(), rerun.shape(), FloatTensors.toFloats(rerun));
    }
    return limit.isOver(computed.key(), committed, rerun);
  }

  @FunctionalInterface
  private interface RowReader {
    void accept(RowKey key, int position, TensorView row);
  }

  private static CaptureSink sink(Set<RowKey> wanted, RowReader reader) {
    return new CaptureSink() {
      @Override
      public boolean wants(RowKey key) {
        return wanted.contains(key);
      }

      @Override
      public void accept(RowKey key, int firstPosition, TensorView rows) {
        for (int i = 0; i < rows.shape().dimension(0); i++) {
          reader.accept(key, firstPosition + i, rows.row(i));
        }
      }
    };
  }
}
