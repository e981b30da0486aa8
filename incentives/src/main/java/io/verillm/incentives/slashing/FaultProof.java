package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import java.util.Arrays;
import java.util.List;

/**
 * The claim that a node committed an objective fault, with the ids of the messages that show it.
 * Nothing is proven yet: {@link ProvenFault#verify} decides.
 *
 * @param node the accused
 * @param kind the fault
 * @param messages ids of the messages that prove it, at least one, in the order the kind
 *     prescribes; the two of an equivocation are sorted, so that one pair is one fault whoever
 *     names it
 */
public record FaultProof(String node, FaultKind kind, List<Digest32> messages) {
  /** Copies the ids. */
  public FaultProof {
    messages = List.copyOf(messages);
    Require.that(!messages.isEmpty(), "a proof names at least one message");
    Require.that(
        kind != FaultKind.EQUIVOCATION
            || (messages.size() == 2 && !messages.get(0).equals(messages.get(1))),
        "equivocation needs two different messages");
    if (kind == FaultKind.EQUIVOCATION) {
      messages =
          messages.stream()
              .sorted((a, b) -> Arrays.compareUnsigned(a.toByteArray(), b.toByteArray()))
              .toList();
    }
  }

  /**
   * What makes this one fault and not another of the node's: the pair of an equivocation, else the
   * first message, whatever else is cited. One ground has one settlement.
   */
  public List<Digest32> ground() {
    return messages.subList(0, kind == FaultKind.EQUIVOCATION ? 2 : 1);
  }
}
