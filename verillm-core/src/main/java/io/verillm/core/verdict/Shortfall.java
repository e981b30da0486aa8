package io.verillm.core.verdict;

/** What is missing for a decision. None of these speaks against the prover. */
public enum Shortfall {
  /** No order was given. */
  NO_ORDER,
  /** The order cannot be read, is not signed, or contradicts the request's text. */
  ORDER_INVALID,
  /** No receipt was given. */
  NO_RECEIPT,
  /** The ack cannot be read, is not signed by an admissible witness, or names another receipt. */
  ACK_INVALID,
  /** No challenge was given. */
  NO_CHALLENGE,
  /** The challenge cannot be read, is not signed, or its randomness is not admissible. */
  CHALLENGE_INVALID,
  /** No opening of this challenge was given; silence is proven elsewhere, by log and deadline. */
  NO_OPENING,
  /** The policy asks for lower miss probabilities than this challenge reaches. */
  COVERAGE,
  /** No calibration covers this pair of execution classes. */
  UNCALIBRATED,
  /** Evidence too strong to accept and too weak to reject; it counts in a node's record only. */
  BORDERLINE
}
