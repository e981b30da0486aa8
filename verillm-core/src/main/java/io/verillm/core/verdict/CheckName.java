package io.verillm.core.verdict;

/** The checks, cheapest first. */
public enum CheckName {
  /** The order is readable, signed, and the one that the receipt names. */
  ORDER,
  /** The receipt is readable and signed; seed proof and counts hold. */
  RECEIPT,
  /** The challenge follows from admissible randomness that is later than the ack. */
  CHALLENGE,
  /** Tokens, bytes and drawn rows are the committed ones. */
  OPENING,
  /** Generation ended where the order says. */
  FINISH,
  /** Delivered bytes are the text of the tokens; needs a tokenizer. */
  TEXT,
  /** Opened algebraic commitments are those of the rows beside them; needs tensor-commitments. */
  COMMITMENTS,
  /** Opened rows are what the model computes; needs an executor. */
  ACTIVATIONS,
  /** Opened cache rows are what the model computes; needs an executor. */
  CACHE,
  /** Every output token is the one that model, settings and seed draw; needs an executor. */
  TOKENS
}
