package io.verillm.network.worker;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.Trace;
import io.verillm.core.wire.SignedMessage;
import java.util.Objects;

/**
 * What a worker holds about one order that it has answered. It discloses the whole job and stays
 * with the worker; others get the receipt and openings.
 *
 * @param orderMessage the order as it was signed
 * @param order its payload
 * @param receiptMessage the receipt as the worker signed it
 * @param receipt its payload
 * @param answer tokens, delivered bytes and salts
 * @param trace everything that was recorded
 */
public record WorkedOrder(
    SignedMessage orderMessage,
    JobOrder order,
    SignedMessage receiptMessage,
    Receipt receipt,
    Answer answer,
    Trace trace) {
  /** Refuses nulls. */
  public WorkedOrder {
    Objects.requireNonNull(orderMessage, "orderMessage");
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(receiptMessage, "receiptMessage");
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(trace, "trace");
  }
}
