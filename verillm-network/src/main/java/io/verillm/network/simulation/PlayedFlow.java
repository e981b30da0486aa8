package io.verillm.network.simulation;

import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.network.flow.Effect;
import io.verillm.network.flow.FlowB;
import io.verillm.network.flow.JobState;
import io.verillm.network.flow.Step;
import io.verillm.network.message.BeaconSchedule;
import io.verillm.network.message.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A job's machine with a clock of its own and everything that followed. Every message is bytes. */
final class PlayedFlow {
  private final FlowB flow;
  private final BeaconSchedule schedule;
  private final SigningKey beacon;
  private final SigningKey client;
  private final List<Effect> effects = new ArrayList<>();
  private JobState state;
  private long now;

  /**
   * Starts the job.
   *
   * @param beacon whose VRF the rounds of the schedule are
   * @param client who shows them to the job
   */
  PlayedFlow(
      FlowB flow, BeaconSchedule schedule, SigningKey beacon, SigningKey client, long startMillis) {
    this.flow = flow;
    this.schedule = schedule;
    this.beacon = beacon;
    this.client = client;
    this.now = startMillis;
    this.state = flow.start(startMillis);
  }

  JobState state() {
    return state;
  }

  long now() {
    return now;
  }

  List<Effect> effects() {
    return effects;
  }

  void send(SignedMessage message) {
    SignedMessage received;
    try {
      received = SignedMessage.decode(message.encode());
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
    now += 10;
    take(flow.receive(state, received, now));
  }

  /** Waits until the round that is due is published, and shows it. */
  void showRandomness() {
    Optional<Long> due = flow.randomnessDue(state);
    if (due.isPresent()) {
      now = Math.max(now, schedule.publishedAtMillis(due.get()));
      send(
          new Randomness(flow.context().job(), VrfRandomness.evaluate(beacon, due.get()))
              .sign(client, flow.context().networkId()));
    }
  }

  /** Lets the deadline of what the job waits for pass. */
  void passDeadline() {
    now = Math.max(now, state.deadlineMillis() + 1);
    take(flow.tick(state, now));
  }

  private void take(Step step) {
    effects.addAll(step.effects());
    state = step.state();
  }
}
