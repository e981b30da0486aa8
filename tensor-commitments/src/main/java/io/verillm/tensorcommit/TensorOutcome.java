package io.verillm.tensorcommit;

/** What checking an opening gave. Everything but {@link #VERIFIED} shows nothing. */
public enum TensorOutcome {
  /** The commitments have the opened elements in the claimed regions. */
  VERIFIED,
  /** Commitment or opening are of another scheme. */
  WRONG_SCHEME,
  /** The commitment was made under another setup. */
  WRONG_SETUP,
  /** The scheme cannot have made this statement: type, shape or parameters do not fit it. */
  WRONG_STATEMENT,
  /** The root is no point of the curve, or a point where a hash should be. */
  WRONG_ROOT,
  /** The proof answers another nonce. */
  WRONG_NONCE,
  /** A claimed region leaves its tensor, or there is no claim. */
  OUT_OF_RANGE,
  /** The opening opens other regions than were asked for. */
  WRONG_REGION,
  /** A region has another number of bytes than its elements need. */
  WRONG_VALUE_COUNT,
  /** An opened element is not a number. */
  NOT_A_NUMBER,
  /** The proof has another number of points, hashes or leaves than the claims need. */
  WRONG_PROOF_SIZE,
  /** A Merkle proof does not lead to the root. */
  ROOT_MISMATCH,
  /** A whole row, committed again, gives another point. */
  ROW_MISMATCH,
  /** The pairing equation fails. */
  PAIRING_MISMATCH
}
