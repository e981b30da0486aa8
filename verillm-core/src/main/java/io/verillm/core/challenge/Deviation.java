package io.verillm.core.challenge;

/**
 * Patterns of deviation that a plan states its miss probability for. They speak of the rows that
 * are opened; tokens are all checked by the prefill whatever the plan.
 */
public enum Deviation {
  /** Every token's rows are wrong, as with other weights, a skipped layer or an altered prompt. */
  EVERY_TOKEN,
  /** A tenth of the tokens, at least one, have wrong rows in the last layer. */
  TENTH_OF_TOKENS,
  /** One token has wrong rows in the last layer. */
  SINGLE_TOKEN,
  /** One token has wrong rows in one layer other than the last, and right ones everywhere else. */
  SINGLE_CELL
}
