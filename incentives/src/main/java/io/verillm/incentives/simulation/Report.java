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
  UNOPENED,
  /**
   * Opened and not counted: rows that are not in line with the committee's. Not paid, and no fault.
   */
  UNCOUNTED;

  /** Says whether it is a statement about the answer that counts. */
  public boolean counts() {
    return this == OK || this == FLAG;
  }
}
