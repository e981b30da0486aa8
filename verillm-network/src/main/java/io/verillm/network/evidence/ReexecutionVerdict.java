package io.verillm.network.evidence;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.verdict.Standing;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerdictMessage;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import java.util.Optional;

/**
 * Reads a signed verdict as a fresh re-execution. Only a public verdict that accepts or rejects is
 * one: who could not decide, or drew the rows from a nonce of its own, confirms nothing and clears
 * nobody.
 *
 * <p>It believes that the signer computed what it says; that its owner was drawn, and is neither
 * the node's nor among its judges, is the fold's to check.
 */
@CheckReturnValue
public final class ReexecutionVerdict {
  private ReexecutionVerdict() {}

  /**
   * Returns what a signed verdict says about a node, empty if it is none that counts.
   *
   * @param stakes where the signer has to be found, and its owner
   */
  public static Optional<FreshReexecution> read(
      SignedMessage message, VerifyingKey node, String networkId, StakeTable stakes) {
    Optional<Staker> signer = stakes.find(message.signer());
    if (message.type() != MessageType.VERDICT
        || signer.isEmpty()
        || message.signer().equals(node)
        || !message.verify(networkId)) {
      return Optional.empty();
    }
    Verdict verdict;
    try {
      verdict = VerdictMessage.decode(message.payload());
    } catch (MalformedMessageException e) {
      return Optional.empty(); // what cannot be read says nothing
    }
    boolean decides = verdict instanceof Verdict.Accepted || verdict instanceof Verdict.Rejected;
    if (!decides || verdict.findings().standing() != Standing.PUBLIC) {
      return Optional.empty();
    }
    return verdict
        .findings()
        .subject()
        .receipt()
        .map(
            receipt ->
                new FreshReexecution(
                    node.toString(),
                    receipt,
                    signer.get().owner(),
                    verdict instanceof Verdict.Rejected));
  }
}
