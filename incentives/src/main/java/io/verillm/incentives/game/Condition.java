package io.verillm.incentives.game;

/**
 * One inequality of a configuration with both sides computed: it holds iff {@code left > right}.
 *
 * @param words what has to be larger than what, for people
 * @param left the side that has to be larger
 * @param right the side that has to be smaller
 */
public record Condition(String words, double left, double right) {
  /** Says whether the left side is strictly larger; false if a side is not a number. */
  public boolean holds() {
    return left > right;
  }

  /** Returns left minus right. */
  public double margin() {
    return left - right;
  }

  @Override
  public String toString() {
    return words + ": " + left + (holds() ? " > " : " is not above ") + right;
  }
}
