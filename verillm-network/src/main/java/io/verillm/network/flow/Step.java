package io.verillm.network.flow;

import java.util.List;

/**
 * What one input led to.
 *
 * @param state the state afterwards; the same object if nothing changed
 * @param effects in the order in which they followed
 */
public record Step(JobState state, List<Effect> effects) {
  /** Copies the effects. */
  public Step {
    effects = List.copyOf(effects);
  }

  /** Whether a message was refused. */
  public boolean refused() {
    return effects.stream().anyMatch(Effect.Refused.class::isInstance);
  }
}
