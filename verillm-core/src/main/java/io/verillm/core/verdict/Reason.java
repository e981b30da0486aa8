package io.verillm.core.verdict;

/** Why a submission is rejected. Names are stable: tests and settlement match on them. */
public enum Reason {
  /** Bytes that the prover delivered cannot be read as the message they should be. */
  MALFORMED,
  /** A message that the prover delivered does not carry its signature. */
  BAD_SIGNATURE,
  /** The receipt answers another order, or claims other settings than the order's. */
  ORDER_MISMATCH,
  /** The sampling seed is not the VRF output of the prover's key on the order. */
  SEED_PROOF_INVALID,
  /** The committed trace does not have one leaf per token and one for its id. */
  TRACE_SIZE_MISMATCH,
  /** The trace belongs to another party, role, order or profile. */
  TRACE_ID_MISMATCH,
  /** Tokens or delivered bytes are not the ones that the receipt's digests bind. */
  DIGEST_MISMATCH,
  /** A path of the opening does not lead to the signed head. */
  BAD_PATH,
  /** The opening leaves out rows that the challenge drew, or adds others. */
  OPENING_INCOMPLETE,
  /** The token that was fed at an opened position is not the order's or the answer's. */
  FED_TOKEN_MISMATCH,
  /** Generation ended before an end-of-sequence token, a stop string or the maximum. */
  EARLY_STOP,
  /** Generation went on past an end-of-sequence token, a stop string or the maximum. */
  LATE_STOP,
  /** The delivered bytes are not the text of the output tokens. */
  TEXT_MISMATCH,
  /** An algebraic commitment in a trace or a receipt is not one to the committed rows. */
  COMMITMENT_MISMATCH,
  /** Committed rows are not what the ordered model computes. */
  ACTIVATION_MISMATCH,
  /** Committed cache rows are not what the ordered model computes. */
  CACHE_MISMATCH,
  /** An opened cache row does not give the sketch that was signed for it. */
  SKETCH_MISMATCH,
  /** A token is not the one that model, settings and seed draw. */
  TOKEN_MISMATCH
}
