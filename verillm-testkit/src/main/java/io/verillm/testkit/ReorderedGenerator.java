package io.verillm.testkit;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.exec.AnswerGenerator;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** Generates by other settings or another seed than the order's, and says nothing about it. */
public final class ReorderedGenerator implements AnswerGenerator {
  private final AnswerGenerator honest;
  private final UnaryOperator<SamplingManifest> settings;
  private final UnaryOperator<SamplingSeed> seeds;

  private ReorderedGenerator(
      AnswerGenerator honest,
      UnaryOperator<SamplingManifest> settings,
      UnaryOperator<SamplingSeed> seeds) {
    this.honest = Objects.requireNonNull(honest, "honest");
    this.settings = settings;
    this.seeds = seeds;
  }

  /** Draws by other settings. */
  public static ReorderedGenerator withSettings(
      AnswerGenerator honest, UnaryOperator<SamplingManifest> settings) {
    return new ReorderedGenerator(honest, settings, UnaryOperator.identity());
  }

  /** Draws with another seed. */
  public static ReorderedGenerator withSeed(
      AnswerGenerator honest, UnaryOperator<SamplingSeed> seeds) {
    return new ReorderedGenerator(honest, UnaryOperator.identity(), seeds);
  }

  @Override
  public ExecutionClass executionClass() {
    return honest.executionClass();
  }

  @Override
  public ModelDimensions dimensions() {
    return honest.dimensions();
  }

  @Override
  public Generated generate(
      JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress) {
    JobOrder other =
        new JobOrder(
            order.node(),
            order.model(),
            order.tokenizer(),
            order.chatTemplate(),
            order.requestBody(),
            order.prompt(),
            settings.apply(order.sampling()),
            order.profile(),
            order.evidence(),
            order.nonce(),
            order.nonceCommitment(),
            order.deadlineMillis());
    return honest.generate(other, seeds.apply(seed), recorder, progress);
  }
}
