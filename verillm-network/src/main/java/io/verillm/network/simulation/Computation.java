package io.verillm.network.simulation;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.network.message.Vote;
import java.util.Optional;
import java.util.OptionalInt;

/** What nodes of a simulation compute. Equal arguments give equal results. One thread. */
public interface Computation {
  /** The rows of a token. */
  TraceLayout layout();

  /** An ordinary client's order. */
  JobOrder order(VerifyingKey node, long number);

  /**
   * What a node of some kind answers.
   *
   * @param receipt not signed yet
   */
  record Made(Receipt receipt, Answer answer, Trace trace) {}

  /** Answers an order as a node of this kind does. */
  Made answer(NodeKind kind, SigningKey prover, JobOrder order, ChainPosition position);

  /**
   * What a committee member found by computing.
   *
   * @param trace recorded under the member's own name
   * @param vote by the tokens, whose draws the member repeated; rows are compared later
   * @param wrongToken position of the first token that was not drawn as ordered
   */
  record Examined(Trace trace, Vote vote, OptionalInt wrongToken) {}

  /**
   * Re-executes an answer in one prefill.
   *
   * @param like whose arithmetic is used: {@link NodeKind#HONEST}, or what an ally computed
   */
  Examined examine(
      NodeKind like, SigningKey member, JobOrder order, Receipt receipt, Answer answer);

  /** The ordered model, if there is one: disputes are then narrowed down and judged. */
  Optional<ModelExecutor> model();
}
