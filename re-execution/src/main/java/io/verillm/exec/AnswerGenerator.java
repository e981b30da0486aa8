package io.verillm.exec;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.trace.TraceRecorder;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * How an answer comes about. The honest one is {@link SamplingGenerator}; a serving engine has its
 * own and pushes rows into the recorder while it decodes.
 */
public interface AnswerGenerator {
  /** The numeric class of the runs that this generator makes. */
  ExecutionClass executionClass();

  /** Sizes of the model, which shape the trace. */
  ModelDimensions dimensions();

  /**
   * Generates an answer and records it: every fed position with its rows, then the last sampled
   * token.
   *
   * @param recorder an empty recorder
   * @param progress called with the number of output tokens so far
   */
  Generated generate(
      JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress);

  /**
   * What was generated.
   *
   * @param output sampled tokens, at least one
   */
  record Generated(TokenIds output, FinishReason finish) {
    /** Refuses nulls. */
    public Generated {
      Objects.requireNonNull(output, "output");
      Objects.requireNonNull(finish, "finish");
    }
  }
}
