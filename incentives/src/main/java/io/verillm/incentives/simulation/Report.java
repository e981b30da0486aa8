package io.verillm.incentives.simulation;

/** What a verifier puts forward. */
public enum Report {
  /** The answer is as claimed. */
  OK,
  /** It deviates. */
  FLAG,
  /** A copy of what the seat before it committed to. */
  COPY,
  /** Nothing that could be opened. */
  UNOPENED
}
