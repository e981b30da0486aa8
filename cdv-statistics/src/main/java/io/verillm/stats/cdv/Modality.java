package io.verillm.stats.cdv;

/** What a node was observed by. */
public enum Modality {
  /** Token ids of an answer. */
  TOKENS,
  /** Text of an answer. */
  TEXT,
  /** Log-probabilities. */
  LOGPROBS,
  /** Rows of an internal state, on shared inputs. */
  TENSOR,
  /** Vector of an answer. */
  EMBEDDING,
  /** One number per request, such as a mean margin. */
  SCALAR
}
