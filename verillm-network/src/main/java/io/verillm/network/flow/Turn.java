package io.verillm.network.flow;

import io.verillm.core.wire.SignedMessage;
import io.verillm.incentives.money.Settlement;
import io.verillm.network.fault.FaultEvidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One step in the making: the copied state and the effects so far. */
final class Turn {
  final JobData data;
  final List<Effect> effects = new ArrayList<>();
  boolean changed;

  Turn(JobState state) {
    this.data = state.data().copy();
  }

  /** Enters a phase now; its deadline is {@code durationMillis} later. */
  void enter(Phase phase, long durationMillis) {
    enterUntil(phase, Math.addExact(data.now, durationMillis));
  }

  /** Enters a phase whose deadline is given; never one that has passed. */
  void enterUntil(Phase phase, long deadlineMillis) {
    effects.add(new Effect.Moved(data.phase, phase, data.now));
    data.phase = phase;
    data.deadline = Math.max(data.now, deadlineMillis);
  }

  void settle(Settlement settlement) {
    effects.add(new Effect.Settle(settlement));
  }

  void fault(FaultEvidence evidence) {
    effects.add(new Effect.Fault(evidence));
  }

  /** The job is over. */
  void end(Outcome outcome) {
    enterUntil(outcome == Outcome.EXPIRED ? Phase.EXPIRED : Phase.SETTLED, data.now);
    data.outcome = outcome;
    effects.add(new Effect.Ended(outcome));
  }

  /** Records what was taken. */
  void record(long timeMillis, Optional<SignedMessage> message) {
    data.inputs.add(new JobInput(timeMillis, message));
    changed = true;
  }

  Step step(JobState before) {
    return new Step(changed ? new JobState(data) : before, effects);
  }
}
