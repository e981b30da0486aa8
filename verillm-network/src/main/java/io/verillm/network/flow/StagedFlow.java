package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.message.Randomness;
import io.verillm.network.message.StageRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What both forms of Proof of Cache's staged verification share: deposits when the prover accepts,
 * answer and ack, a window in which the client may ask for verification, and verifiers drawn from
 * the round of randomness two after the request. Without a request the answer stands.
 */
@CheckReturnValue
public abstract class StagedFlow extends JobFlow {
  final PoolEscrow pool;
  private final int stages;

  StagedFlow(JobContext context, PoolEscrow pool, int stages) {
    super(context, pool);
    this.pool = pool;
    this.stages = stages;
  }

  /** Most stages, K_max. */
  final int stages() {
    return stages;
  }

  static void requireOwners(JobContext context, int seats) {
    int free = context.stakes().owners() - context.barred().size();
    if (free < seats) {
      throw new IllegalArgumentException("the stages need " + seats + " owners, there are " + free);
    }
  }

  @Override
  final void acknowledged(Turn turn) {
    turn.enter(Phase.ACKNOWLEDGED, context.terms().deadlines().disputeMillis());
  }

  @Override
  final Optional<Effect.Refused> takeMore(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    return switch (message.type()) {
      case STAGE_REQUEST -> request(turn, message);
      case RANDOMNESS -> randomness(turn, message);
      default -> takeStage(turn, message);
    };
  }

  private Optional<Effect.Refused> request(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    StageRequest request = StageRequest.decode(message.payload());
    if (!request.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "of another job");
    }
    if (!message.signer().equals(context.client())) {
      return refuse(message, Refusal.WRONG_SIGNER, "only the client asks");
    }
    if (turn.data.phase != Phase.ACKNOWLEDGED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + turn.data.phase);
    }
    nextDraw(turn);
    return Optional.empty();
  }

  /** Waits for the round of randomness that draws the next verifiers. */
  final void nextDraw(Turn turn) {
    long draw = context.terms().schedule().decidingRound(turn.data.now);
    turn.data.rounds.add(new CommitteeRound(turn.data.rounds.size() + 1, draw));
    turn.enterUntil(Phase.DISPUTED, context.randomnessDeadline(draw));
  }

  private Optional<Effect.Refused> randomness(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Randomness shown = Randomness.decode(message.payload());
    JobData data = turn.data;
    if (!shown.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "shown to another job");
    }
    if (data.phase != Phase.DISPUTED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    CommitteeRound round = data.round();
    Draw draw = Draw.of(context, shown.value(), round.drawRound);
    if (draw.refusal().isPresent()) {
      return refuse(message, draw.refusal().get(), draw.words());
    }
    Set<String> excluded = new HashSet<>(context.barred());
    data.rounds.forEach(earlier -> earlier.seats.forEach(seat -> excluded.add(seat.owner())));
    Digest32 seed = context.stakes().seed(draw.theValue(), context.job(), round.number);
    round.seats = context.stakes().draw(seed, seats(round.number), excluded);
    turn.effects.add(new Effect.Seated(round.number, round.seats));
    seated(turn, round);
    return Optional.empty();
  }

  final void finish(Turn turn, Outcome outcome) {
    pool.divide(turn.data, outcome).forEach(turn::settle);
    turn.end(outcome);
  }

  @Override
  final void timeoutMore(Turn turn) {
    switch (turn.data.phase) {
      case ACKNOWLEDGED -> finish(turn, Outcome.ACCEPTED);
      case DISPUTED -> expire(turn, Optional.empty());
      default -> timeoutStage(turn);
    }
  }

  @Override
  final void expectedMore(JobData data, List<Expected> expected) {
    switch (data.phase) {
      case ACKNOWLEDGED -> expected.add(from(context.client(), MessageType.STAGE_REQUEST, data));
      case DISPUTED -> expected.add(fromAnyone(MessageType.RANDOMNESS, data));
      default -> expectedStage(data, expected);
    }
  }

  /** The round of randomness that a state waits for, empty if it waits for something else. */
  public final Optional<Long> randomnessDue(JobState state) {
    return state.phase() == Phase.DISPUTED
        ? Optional.of(state.data().round().drawRound)
        : Optional.empty();
  }

  /** Seats to draw in a round. */
  abstract int seats(int round);

  /** What follows when verifiers were drawn. */
  abstract void seated(Turn turn, CommitteeRound round);

  /** Takes a message of the stages. */
  abstract Optional<Effect.Refused> takeStage(Turn turn, SignedMessage message)
      throws MalformedMessageException;

  /** A deadline passes in a phase of the stages. */
  abstract void timeoutStage(Turn turn);

  /** Who has to send what in a phase of the stages. */
  abstract void expectedStage(JobData data, List<Expected> expected);
}
