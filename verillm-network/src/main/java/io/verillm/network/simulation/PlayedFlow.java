package io.verillm.network.simulation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
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
  /** What else a simulation does with what passes. */
  interface Observer {
    /** A message arrives that the machine has not seen yet. */
    void received(SignedMessage message, int wireBytes, long atMillis);

    /** The machine's state is not yet the one that this led to. */
    void happened(Effect effect);

    /** Does nothing. */
    static Observer none() {
      return new Observer() {
        @Override
        public void received(SignedMessage message, int wireBytes, long atMillis) {}

        @Override
        public void happened(Effect effect) {}
      };
    }
  }

  private final FlowB flow;
  private final BeaconSchedule schedule;
  private final SigningKey beacon;
  private final SigningKey client;
  private final Observer observer;
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
      FlowB flow,
      BeaconSchedule schedule,
      SigningKey beacon,
      SigningKey client,
      long startMillis,
      Observer observer) {
    this.flow = flow;
    this.schedule = schedule;
    this.beacon = beacon;
    this.client = client;
    this.observer = observer;
    this.now = startMillis;
    this.state = flow.start(startMillis);
  }

  FlowB flow() {
    return flow;
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

  /** Sends a message, which takes ten milliseconds, and returns it as it arrived. */
  @CanIgnoreReturnValue
  SignedMessage send(SignedMessage message) {
    byte[] wire = message.encode();
    SignedMessage received;
    try {
      received = SignedMessage.decode(wire);
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
    now += 10;
    observer.received(received, wire.length, now);
    take(flow.receive(state, received, now));
    return received;
  }

  /** Delivers what nobody observes: a repetition, or another job's message; the clock stays. */
  void deliver(SignedMessage message, long afterMillis) {
    take(flow.receive(state, message, now + afterMillis));
  }

  /** Waits until the round that is due is published, if one is, and returns it for the job. */
  Optional<SignedMessage> awaitRandomness() {
    Optional<Long> due = flow.randomnessDue(state);
    due.ifPresent(round -> now = Math.max(now, schedule.publishedAtMillis(round)));
    return due.map(
        round ->
            new Randomness(flow.context().job(), VrfRandomness.evaluate(beacon, round))
                .sign(client, flow.context().networkId()));
  }

  /** Lets the deadline of what the job waits for pass. */
  void passDeadline() {
    now = Math.max(now, state.deadlineMillis() + 1);
    take(flow.tick(state, now));
  }

  /** Lets every deadline pass until the job is over. */
  void passDeadlinesToTheEnd() {
    while (!state.phase().isOver()) {
      passDeadline();
    }
  }

  private void take(Step step) {
    for (Effect effect : step.effects()) {
      effects.add(effect);
      observer.happened(effect);
    }
    state = step.state();
  }
}
