package io.verillm.core.verdict;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.trace.OpeningOutcome;
import java.util.Objects;

/**
 * What a re-execution is compared with, once all of it is known to be what the prover committed to.
 *
 * @param output the answer's tokens, the last sampled one included
 * @param seed sampling seed, from the checked VRF proof
 * @param drawn what the challenge drew
 * @param opened rows of the draw and no others, whose paths lead to the signed head
 */
public record ReplaySubject(
    JobOrder order,
    Receipt receipt,
    TokenIds output,
    SamplingSeed seed,
    DrawnRows drawn,
    OpeningOutcome.Verified opened) {
  /** Refuses nulls. */
  public ReplaySubject {
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(seed, "seed");
    Objects.requireNonNull(drawn, "drawn");
    Objects.requireNonNull(opened, "opened");
  }

  /** The tokens that were fed: the prompt and all output tokens but the last. */
  public TokenIds fedTokens() {
    return order.prompt().concat(output.prefix(output.size() - 1));
  }
}
