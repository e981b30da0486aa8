package io.verillm.incentives.simulation;

import io.verillm.incentives.game.Condition;
import java.util.List;

/** Whether rules pay honesty. */
public sealed interface Validation {
  /** Returns every inequality with both sides. */
  List<Condition> conditions();

  /** All inequalities hold. */
  record Valid(List<Condition> conditions) implements Validation {}

  /** Some do not; a market must not start with these rules. */
  record Refused(List<Condition> conditions) implements Validation {
    /** Returns the inequalities that fail. */
    public List<Condition> violated() {
      return conditions.stream().filter(condition -> !condition.holds()).toList();
    }
  }
}
