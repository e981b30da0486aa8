package io.verillm.core.verdict;

import io.verillm.core.order.JobOrder;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.util.Optional;

/** What the client sent. Nothing here can reject a prover. */
final class OrderChecks {
  private final CaseFile file;

  OrderChecks(CaseFile file) {
    this.file = file;
  }

  Optional<Verdict> order(Submission files) {
    if (files.order().isEmpty()) {
      return file.inconclusive(CheckName.ORDER, Shortfall.NO_ORDER, "no order was given");
    }
    try {
      SignedMessage message = SignedMessage.decode(files.order().get());
      if (message.type() != MessageType.ORDER || !message.verify(file.policy().networkId())) {
        return file.inconclusive(
            CheckName.ORDER,
            Shortfall.ORDER_INVALID,
            "the order's signature does not hold for network " + file.policy().networkId());
      }
      file.establishOrderMessage(message);
      file.establishOrder(JobOrder.decode(message.payload()));
      return Optional.empty();
    } catch (MalformedMessageException e) {
      return file.inconclusive(
          CheckName.ORDER, Shortfall.ORDER_INVALID, "the order is unreadable: " + e.getMessage());
    }
  }
}
