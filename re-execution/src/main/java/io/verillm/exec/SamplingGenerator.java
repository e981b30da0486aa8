package io.verillm.exec;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.OutputText;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.TraceRecorder;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The honest generator: feeds the prompt and then every drawn token to one executor, and draws by
 * the order's settings and seed. One order at a time.
 */
public final class SamplingGenerator implements AnswerGenerator {
  private final ModelExecutor executor;
  private final Tokenizer tokenizer;

  /** Makes a generator; neither argument is closed by it. */
  public SamplingGenerator(ModelExecutor executor, Tokenizer tokenizer) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
  }

  @Override
  public ExecutionClass executionClass() {
    return executor.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return executor.dimensions();
  }

  @Override
  public Generated generate(
      JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress) {
    SamplingManifest manifest = order.sampling();
    int prompt = order.prompt().size();
    int capacity = Math.addExact(prompt, manifest.maxTokens());
    if (capacity > executor.dimensions().maxPositions()) {
      throw new IllegalArgumentException(
          "prompt and answer may take "
              + capacity
              + " positions, the model has "
              + executor.dimensions().maxPositions());
    }
    TokenSampler sampler = new TokenSampler(manifest, new GumbelNoise(seed, 0));
    int[] tokens = Arrays.copyOf(order.prompt().toArray(), capacity);
    int length = prompt;
    try (DecodeSession session = executor.openSession(capacity, recorder)) {
      float[] logits = new float[0];
      for (int position = 0; position < prompt; position++) {
        recorder.feed(tokens[position]);
        logits = executor.decodeStep(session, tokens[position]);
      }
      while (true) {
        int drawn = sampler.draw(logits, tokens, prompt, length);
        tokens[length++] = drawn;
        progress.accept(length - prompt);
        TokenIds output = TokenIds.of(Arrays.copyOfRange(tokens, prompt, length));
        FinishReason finish = finish(output, manifest);
        if (finish != null) {
          recorder.pushUnfed(length - 1, drawn);
          return new Generated(output, finish);
        }
        recorder.feed(drawn);
        logits = executor.decodeStep(session, drawn);
      }
    }
  }

  private @Nullable FinishReason finish(TokenIds output, SamplingManifest manifest) {
    if (manifest.eosIds().contains(output.last())) {
      return FinishReason.EOS;
    }
    if (OutputText.firstStop(output, manifest, tokenizer).isPresent()) {
      return FinishReason.STOP;
    }
    return output.size() == manifest.maxTokens() ? FinishReason.LENGTH : null;
  }
}
