package io.verillm.network.dispute;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.wire.VerifyingKey;
import java.util.Objects;

/**
 * Computes one step again. Whoever does it with the same model comes to the same ruling. {@link
 * LayerJudge} is the one in canonical arithmetic; a succinct proof could take its place.
 */
@FunctionalInterface
@CheckReturnValue
public interface StepJudge {
  /**
   * One step of a committed computation.
   *
   * @param order the client's order
   * @param receipt the prover's receipt for it
   * @param prover who signed it
   * @param step layer, or the number of layers for the draw of a token
   * @param position which token
   * @param rows rows of the step, whose paths lead to the receipt's head
   */
  record Subject(
      JobOrder order,
      Receipt receipt,
      VerifyingKey prover,
      int step,
      int position,
      OpeningOutcome.Verified rows) {
    /** Refuses nulls. */
    public Subject {
      Objects.requireNonNull(order, "order");
      Objects.requireNonNull(receipt, "receipt");
      Objects.requireNonNull(prover, "prover");
      Objects.requireNonNull(rows, "rows");
    }
  }

  /**
   * What came out.
   *
   * @param outcome one of the four that do not speak of silence
   * @param statement what was compared, for people
   */
  record Ruling(BisectionOutcome outcome, String statement) {
    /** Refuses nulls. */
    public Ruling {
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(statement, "statement");
    }
  }

  /** Rules; an exception means that it could not be decided. */
  Ruling judge(Subject subject);
}
