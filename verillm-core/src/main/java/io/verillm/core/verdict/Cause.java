package io.verillm.core.verdict;

/** Why a verifier steps aside. None of these speaks against the prover. */
public enum Cause {
  /** The policy does not list the ordered model. */
  MODEL_NOT_TRUSTED,
  /** The policy does not list the ordered trace profile. */
  PROFILE_UNKNOWN,
  /** The executor holds another model than the ordered one. */
  MODEL_UNAVAILABLE,
  /** A check that the policy requires needs an executor or a tokenizer that was not given. */
  CHECK_UNAVAILABLE,
  /** The policy does not admit the declared execution class. */
  CLASS_NOT_ADMISSIBLE,
  /** The order uses a sampler feature that cannot be replayed. */
  UNSUPPORTED_SAMPLER,
  /** The work would exceed the policy's limits. */
  TOO_LARGE,
  /** The executor failed; out of memory, for instance. */
  EXECUTION_FAILED
}
