package io.verillm.network.flow;

/** How a job ended, or what its first committee said. */
public enum Outcome {
  /** The answer stands; the prover is paid. */
  ACCEPTED,
  /** The answer does not stand; the client is refunded. Nobody is slashed by this alone. */
  REJECTED,
  /** No majority, or nobody could decide; the client is refunded, bonds go back. */
  UNDECIDED,
  /** The prover did not open what was drawn; the client is refunded, silence has its price. */
  SILENT,
  /** A deadline passed before anything was to be decided; everything goes back. */
  EXPIRED
}
