package io.verillm.core.tree;

/**
 * What checking a proof against a root gave. Everything but {@link #VERIFIED} means that the proof
 * does not show what it was asked to show.
 */
public enum ProofOutcome {
  /** The proof leads from the given leaves to the given root. */
  VERIFIED,
  /** An index, or a size, lies outside what the given tree size allows. */
  OUT_OF_RANGE,
  /** The leaves to check are not in strictly ascending order, or there are none. */
  NOT_ASCENDING,
  /** The proof holds fewer nodes than a tree of this size needs. */
  TOO_FEW_NODES,
  /** The proof holds more nodes than a tree of this size needs. */
  TOO_MANY_NODES,
  /** The number of nodes fits, but they lead to another root. */
  ROOT_MISMATCH,
  /** A consistency proof whose nodes do not lead to the older root. */
  OLD_ROOT_MISMATCH;

  /** Whether this is {@link #VERIFIED}. */
  public boolean isVerified() {
    return this == VERIFIED;
  }
}
