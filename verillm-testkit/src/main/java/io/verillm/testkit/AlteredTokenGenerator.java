package io.verillm.testkit;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.SamplingGenerator;
import java.util.function.IntConsumer;

/**
 * Puts one token of its own choice into the answer, at the fifth output position, and computes
 * everything else for the text it then has.
 */
public final class AlteredTokenGenerator implements AnswerGenerator {
  /** Output tokens before the altered one. */
  public static final int HONEST_TOKENS = 4;

  /** The token that is put in. */
  public static final int TOKEN = 777;

  private final ModelExecutor honest;
  private final Tokenizer tokenizer;

  /** Makes a generator; neither argument is closed by it. */
  public AlteredTokenGenerator(ModelExecutor honest, Tokenizer tokenizer) {
    this.honest = honest;
    this.tokenizer = tokenizer;
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
    int position = order.prompt().size() + HONEST_TOKENS;
    return new SamplingGenerator(new AlteredTokenExecutor(honest, position, TOKEN), tokenizer)
        .generate(order, seed, recorder, progress);
  }
}
