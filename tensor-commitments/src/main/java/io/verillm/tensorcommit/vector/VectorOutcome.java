package io.verillm.tensorcommit.vector;

/** What checking a proof about cells gave. Everything but {@link #VERIFIED} shows nothing. */
public enum VectorOutcome {
  /** The commitments have the claimed values in the claimed cells. */
  VERIFIED,
  /** A claim names a vector or a cell that does not exist, or there is no claim. */
  OUT_OF_RANGE,
  /** The proof has another number of points than the claims need. */
  WRONG_POINT_COUNT,
  /** The pairing equation fails. */
  PAIRING_MISMATCH
}
