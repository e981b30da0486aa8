package io.verillm.stats.compare;

/** A line that is not an observation: names the line and what is wrong with it. */
public final class MalformedObservationException extends Exception {
  private static final long serialVersionUID = 1;

  private final long line;

  MalformedObservationException(long line, String problem) {
    super("line " + line + ": " + problem);
    this.line = line;
  }

  /** Returns the number of the line, from 1. */
  public long line() {
    return line;
  }
}
