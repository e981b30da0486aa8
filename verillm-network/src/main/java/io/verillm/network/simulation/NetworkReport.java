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
 * @param honestSlashed honest nodes that lost any of their stake; with an honest majority, anything
 *     but zero is a defect
 * @param faults faults that were proven from signed messages
 * @param disputes disputes that were narrowed down to a step
 * @param disputeMessages their messages
 * @param messages all messages of all jobs
 * @param bytes their bytes
 * @param answeredTokens tokens that went through provers' models, prompts included
 * @param examinedTokens tokens that went through verifiers' prefills
 * @param epochs epochs of evidence that were closed
 * @param reexecutions receipts that drawn owners computed again before a slash
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
    int honestSlashed,
    int faults,
    int disputes,
    long disputeMessages,
    long messages,
    long bytes,
    long answeredTokens,
    long examinedTokens,
    int epochs,
    int reexecutions,
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
   * @param gained mean change of a node's wallet: pay, fees and bonds
   * @param silences acknowledged challenges that its nodes left unanswered, proven by the logs
   * @param lostToSilence mean stake of a node that these cost
   * @param lostToEvidence mean stake of a node that accumulated evidence cost, after a fresh
   *     re-execution had confirmed it
   * @param lostToProofs mean stake of a node that proven faults cost
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
      int silences,
      Micros lostToSilence,
      Micros lostToEvidence,
      Micros lostToProofs) {
    /** Mean stake of a node that is gone. */
    public Micros stakeLost() {
      return lostToSilence.plus(lostToEvidence).plus(lostToProofs);
    }

    /** What a node has more than before on average, its stake included; below zero if less. */
    public Micros net() {
      return gained.minus(stakeLost());
    }
  }
}
