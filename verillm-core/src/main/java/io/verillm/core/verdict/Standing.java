package io.verillm.core.verdict;

/** Whom a verdict can convince. */
public enum Standing {
  /** Randomness was public and later than the acknowledged receipt: anyone can check it. */
  PUBLIC,
  /** Only the verifier that drew the randomness is convinced; settlement refuses it. */
  PRIVATE
}
