package io.verillm.testkit;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.exec.AnswerGenerator;
import java.util.function.IntConsumer;

/**
 * Lets something cheap write the answer, then runs the ordered model over it once and commits that.
 * Every committed row is right; only the choice of tokens is not the ordered model's.
 */
public final class CheapDecodeGenerator implements AnswerGenerator {
  private final AnswerGenerator cheap;
  private final ModelExecutor honest;

  /** Makes a generator from what writes and what is shown. */
  public CheapDecodeGenerator(AnswerGenerator cheap, ModelExecutor honest) {
    this.cheap = cheap;
    this.honest = honest;
  }

  @Override
  public ExecutionClass executionClass() {
    return honest.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return honest.dimensions();
  }

  @Override
  public Generated generate(
      JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress) {
    TraceRecorder discarded =
        new TraceRecorder(
            recorder.layout().profile(),
            cheap.dimensions(),
            new TraceId(recorder.id().digest()),
            JobSecret.copyOf(new byte[JobSecret.LENGTH]),
            new MemoryTrace());
    Generated generated = cheap.generate(order, seed, discarded, progress);
    TokenIds output = generated.output();
    int[] fed = order.prompt().concat(output.prefix(output.size() - 1)).toArray();
    recorder.feed(fed);
    honest.prefill(
        fed, new LayerRange(0, honest.dimensions().layers()), null, recorder, LogitsSink.none());
    recorder.pushUnfed(fed.length, output.last());
    return generated;
  }
}
