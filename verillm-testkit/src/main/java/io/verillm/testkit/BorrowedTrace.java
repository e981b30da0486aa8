package io.verillm.testkit;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import java.util.List;

/** Signs a receipt for one's own order over a trace that another party recorded for its own. */
public final class BorrowedTrace {
  private BorrowedTrace() {}

  /**
   * Makes the receipt.
   *
   * @param order the order that was given to {@code thief}
   * @param lent the other party's receipt for the same prompt
   * @param answer the other party's answer
   */
  public static Receipt receipt(
      SigningKey thief, JobOrder order, Receipt lent, Answer answer, ChainPosition position) {
    Digest32 orderDigest = order.digest();
    return new Receipt(
        orderDigest,
        order.requestBody(),
        answer.responseDigest(),
        answer.promptDigest(order.prompt()),
        order.prompt().size(),
        answer.outputDigest(),
        answer.output().size(),
        lent.finish(),
        order.model(),
        lent.executionClass(),
        order.profile(),
        lent.head(),
        SeedProof.prove(thief, orderDigest),
        position,
        List.of());
  }
}
