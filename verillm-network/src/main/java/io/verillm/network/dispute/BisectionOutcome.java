package io.verillm.network.dispute;

/** How a dispute ended. None of them takes back an end-to-end verdict, which counts as it did. */
public enum BisectionOutcome {
  /** The step that was named does not follow from its committed input. */
  STEP_WRONG,
  /** Exact arithmetic gives what was committed: the claim was wrong. */
  STEP_RIGHT,
  /** No single step is over its limit, whatever all steps together are. */
  NO_SINGLE_FAULT,
  /** Rows that nobody computed for this order, or no limit for the declared class. */
  UNDECIDED,
  /** The prover let its deadline pass. */
  PROVER_SILENT,
  /** The challenger let its deadline pass. */
  CHALLENGER_SILENT
}
