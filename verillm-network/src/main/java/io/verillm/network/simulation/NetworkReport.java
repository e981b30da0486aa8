package io.verillm.network.simulation;

import io.verillm.incentives.money.Micros;
import java.util.List;

/**
 * What happened in a simulated network.
 *
 * @param kinds one entry per kind that took part, in the order of {@link NodeKind}
 * @param jobs number of jobs played
 * @param accepted jobs whose answer stood
 * @param rejected jobs whose answer did not
 * @param undecided jobs without a majority
 * @param silent jobs whose prover did not open
 * @param badAccepted jobs with a deviating answer that stood
 * @param goodRejected jobs with an honest answer that was rejected in the end
 * @param provenFalse honest nodes that were proven guilty; anything but zero is a defect
 * @param faults faults that were proven from signed messages
 * @param disputes disputes that were narrowed down to a step
 * @param disputeMessages their messages
 * @param messages all messages of all jobs
 * @param bytes their bytes
 * @param answeredTokens tokens that went through provers' models, prompts included
 * @param examinedTokens tokens that went through verifiers' prefills
 * @param conserved whether the ledger's balances sum to zero
 */
public record NetworkReport(
    List<KindReport> kinds,
    int jobs,
    int accepted,
    int rejected,
    int undecided,
    int silent,
    int badAccepted,
    int goodRejected,
    int provenFalse,
    int faults,
    int disputes,
    long disputeMessages,
    long messages,
    long bytes,
    long answeredTokens,
    long examinedTokens,
    boolean conserved) {
  /** Copies the list. */
  public NetworkReport {
    kinds = List.copyOf(kinds);
  }

  /**
   * All nodes of one kind together.
   *
   * @param nodes how many there were
   * @param jobs jobs in the role in which the kind deviates; both roles for honest nodes
   * @param answers jobs in which it was the prover
   * @param flagged nodes that something spoke against at least once
   * @param timesFlagged how often in all
   * @param proven nodes whose own signed messages proved a fault
   * @param untilFlagged mean number of jobs in its role up to the first flag, 0 if none
   * @param untilProven mean number up to the proof, 0 if none
   * @param provenBy what proved it, empty if nothing did
   * @param gained mean change of a node's wallet, stakes not counted
   * @param stakeLost stake of the proven nodes
   */
  public record KindReport(
      NodeKind kind,
      int nodes,
      int jobs,
      int answers,
      int flagged,
      int timesFlagged,
      int proven,
      double untilFlagged,
      double untilProven,
      String provenBy,
      Micros gained,
      Micros stakeLost) {}
}
