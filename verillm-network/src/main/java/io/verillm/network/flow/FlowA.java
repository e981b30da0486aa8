package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.message.Objection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The flow of VeriLLM v1 to v3: receipt, ack, challenge from randomness after it, opening, and a
 * window in which any staker may object. An objection is computed again by an {@link Adjudicator},
 * usually {@link ReceiptAdjudicator}, so one honest verifier suffices and a lying one gains
 * nothing.
 *
 * <p>A challenge always ends in a verdict: what the adjudicator cannot decide, because the receipt
 * declares a class that nobody can judge exactly or the model is not loaded, escalates to a
 * committee that is drawn then, from a round two after the objection, without the owners of prover,
 * client and objector. It works as in flow B. Votes play a part there only.
 *
 * <p>Without an upheld objection the answer stands when the window closes. That proves that nobody
 * objected in time, not that anybody looked.
 *
 * <p>The challenge's rows follow from {@link Challenge#draw}, which binds order and receipt to a
 * round that lies two after the one that the ack names. Whoever signs it has no choice left.
 */
@CheckReturnValue
public final class FlowA extends JobFlow {
  private final JobLedger ledger;
  private final Adjudicator adjudicator;
  private final CommitteeStage stage;

  private FlowA(JobContext context, Adjudicator adjudicator) {
    this(context, new JobLedger(context, context.terms().committee() + 1), adjudicator);
  }

  private FlowA(JobContext context, JobLedger ledger, Adjudicator adjudicator) {
    super(context, ledger);
    this.ledger = ledger;
    this.adjudicator = Objects.requireNonNull(adjudicator, "adjudicator");
    this.stage = new CommitteeStage(context, this::finish);
  }

  /** Makes the machine of a job. */
  public static FlowA of(JobContext context, Adjudicator adjudicator) {
    return new FlowA(context, adjudicator);
  }

  @Override
  void acknowledged(Turn turn) {
    turn.enterUntil(
        Phase.ACKNOWLEDGED, context.randomnessDeadline(turn.data.theAck().challengeRound()));
  }

  @Override
  Optional<Effect.Refused> takeMore(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    return switch (message.type()) {
      case CHALLENGE -> challenge(turn, message);
      case OPENING -> opening(turn, message);
      case OBJECTION -> objection(turn, message);
      default ->
          turn.data.rounds.isEmpty()
              ? refuse(message, Refusal.NOT_EXPECTED, "no committee is at work")
              : stage.take(turn, message);
    };
  }

  private Optional<Effect.Refused> challenge(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Challenge challenge = Challenge.decode(message.payload());
    JobData data = turn.data;
    if (data.receiptMessage == null || !challenge.receipt().equals(data.receiptMessage.id())) {
      return refuse(message, Refusal.OTHER_JOB, "challenges another receipt");
    }
    if (message.signer().equals(context.prover())) {
      return refuse(message, Refusal.WRONG_SIGNER, "a prover does not challenge itself");
    }
    if (data.phase != Phase.ACKNOWLEDGED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    boolean fits =
        challenge.order().equals(context.orderMessage().id())
            && challenge.ack().equals(Optional.of(data.theAck().digest()))
            && challenge.plan().equals(context.terms().plan());
    if (!fits) {
      return refuse(message, Refusal.OTHER_JOB, "order, ack or plan are others than agreed");
    }
    Draw draw = Draw.of(context, challenge.randomness(), data.theAck().challengeRound());
    if (draw.refusal().isPresent()) {
      return refuse(message, draw.refusal().get(), draw.words());
    }
    data.challengeMessage = message;
    int committed = data.theReceipt().promptTokens() + data.theReceipt().outputTokens() - 1;
    data.rows = challenge.draw(draw.theValue(), context.layout(), committed);
    turn.effects.add(new Effect.Drawn(0, data.rows));
    turn.enter(Phase.CHALLENGED, context.terms().deadlines().openMillis());
    return Optional.empty();
  }

  private Optional<Effect.Refused> opening(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Opening opening = Opening.decode(message.payload());
    JobData data = turn.data;
    if (data.receiptMessage == null || !opening.receipt().equals(data.receiptMessage.id())) {
      return refuse(message, Refusal.OTHER_JOB, "opens another receipt");
    }
    if (!message.signer().equals(context.prover())) {
      return refuse(message, Refusal.WRONG_SIGNER, "only the prover opens its trace");
    }
    if (data.phase != Phase.CHALLENGED || data.challengeMessage == null) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    if (!opening.challenge().equals(data.challengeMessage.id())) {
      return refuse(message, Refusal.OTHER_JOB, "answers another challenge");
    }
    Optional<String> fault =
        OpenedRows.faultOfProver(context, data.theReceipt(), opening.trace(), data.rows);
    if (fault.isPresent()) {
      return refuse(message, Refusal.BAD_OPENING, fault.get());
    }
    data.openingMessage = message;
    turn.enter(Phase.OPENED, context.terms().deadlines().disputeMillis());
    return Optional.empty();
  }

  private Optional<Effect.Refused> objection(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Objection objection = Objection.decode(message.payload());
    JobData data = turn.data;
    if (!objection.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "objects to another job");
    }
    boolean mayObject =
        message.signer().equals(context.client())
            || (context.stakes().find(message.signer()).isPresent()
                && !message.signer().equals(context.prover()));
    if (!mayObject) {
      return refuse(message, Refusal.WRONG_SIGNER, "neither the client nor a staker");
    }
    if (data.phase != Phase.OPENED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    if (data.objectors.contains(message.signer())) {
      return refuse(message, Refusal.NOT_EXPECTED, "one objection per party");
    }
    Adjudicator.Files files =
        new Adjudicator.Files(
            context.orderMessage(),
            data.theReceiptMessage(),
            JobData.present(data.ackMessage),
            JobData.present(data.challengeMessage),
            JobData.present(data.openingMessage));
    Adjudicator.Ruling ruling = adjudicator.judge(files, objection);
    data.objectors.add(message.signer());
    switch (ruling) {
      case UPHELD -> {
        ledger.bond(message.signer()).forEach(turn::settle);
        data.winner = message.signer();
        finish(turn, Outcome.REJECTED);
      }
      case DISMISSED -> {
        ledger.bond(message.signer()).forEach(turn::settle);
        ledger.loseBond(message.signer()).forEach(turn::settle);
        turn.effects.add(
            new Effect.Refused(
                message.id(), Refusal.OBJECTION_FAILED, "computed again, the bytes are right"));
      }
      case UNDECIDED -> {
        ledger.bond(message.signer()).forEach(turn::settle);
        data.disputer = message.signer();
        stage.summon(turn, 1);
      }
    }
    return Optional.empty();
  }

  private void finish(Turn turn, Outcome outcome) {
    CommitteeCount.reading(context, turn.data)
        .ifPresent(reading -> turn.effects.add(new Effect.Reading(reading)));
    ledger.divide(turn.data, outcome).forEach(turn::settle);
    turn.end(outcome);
  }

  @Override
  void timeoutMore(Turn turn) {
    JobData data = turn.data;
    if (!data.rounds.isEmpty()) {
      if (!stage.timeout(turn)) {
        finish(turn, Outcome.UNDECIDED); // the beacon failed
      }
      return;
    }
    switch (data.phase) {
      case CHALLENGED -> {
        turn.effects.add(new Effect.Missed(context.prover(), data.phase, data.deadline));
        finish(turn, Outcome.SILENT);
      }
      case OPENED -> finish(turn, Outcome.ACCEPTED);
      default -> expire(turn, Optional.empty());
    }
  }

  @Override
  void expectedMore(JobData data, List<Expected> expected) {
    if (!data.rounds.isEmpty()) {
      stage.expected(data, expected);
      return;
    }
    switch (data.phase) {
      case ACKNOWLEDGED -> expected.add(fromAnyone(MessageType.CHALLENGE, data));
      case CHALLENGED -> expected.add(from(context.prover(), MessageType.OPENING, data));
      default -> expected.add(fromAnyone(MessageType.OBJECTION, data));
    }
  }

  /** The round of randomness that a committee waits for, empty where none is at work. */
  public Optional<Long> randomnessDue(JobState state) {
    return CommitteeStage.randomnessDue(state.data());
  }
}
