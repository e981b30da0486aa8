package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.message.Dispute;
import java.util.List;
import java.util.Optional;

/**
 * The flow of VeriLLM v4: a committee drawn after the ack re-executes, every member commits to its
 * own trace and vote, commitments close, rows are drawn, opened and compared, and the majority of
 * the seats decides. The party that the first committee decided against may ask once for a second,
 * larger one.
 *
 * <p>Roots of different parties are never compared: honest ones differ in their floating-point
 * bits, and they only bind. A member that copies a trace cannot open it, because leaf 0 names whose
 * it is. A member that made its rows up deviates from the others and is not counted; that alone
 * slashes nobody, since a captured committee could say it of an honest member.
 *
 * <p>The rows are drawn from SHA-256(tag ‖ beacon value ‖ job ‖ round ‖ digest of the ordered
 * closed commitments), with the beacon's round two after the newest one at closing: whoever commits
 * last cannot know it.
 *
 * <p>The published flow lets a rejected prover dispute. Here a client may dispute an acceptance on
 * the same terms; an undecided first round may be disputed by either.
 */
@CheckReturnValue
public final class FlowB extends JobFlow {
  private final JobLedger ledger;
  private final CommitteeStage stage;

  private FlowB(JobContext context, JobLedger ledger) {
    super(context, ledger);
    this.ledger = ledger;
    this.stage = new CommitteeStage(context, this::decided);
  }

  /** Makes the machine of a job. */
  public static FlowB of(JobContext context) {
    int seats = context.terms().committee() + context.terms().secondCommittee();
    return new FlowB(context, new JobLedger(context, seats));
  }

  @Override
  void acknowledged(Turn turn) {
    long draw = turn.data.theAck().challengeRound();
    turn.data.rounds.add(new CommitteeRound(1, draw));
    turn.enterUntil(Phase.ACKNOWLEDGED, context.randomnessDeadline(draw));
  }

  @Override
  Optional<Effect.Refused> takeMore(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    return message.type() == MessageType.DISPUTE
        ? dispute(turn, message)
        : stage.take(turn, message);
  }

  private Optional<Effect.Refused> dispute(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Dispute dispute = Dispute.decode(message.payload());
    JobData data = turn.data;
    if (!dispute.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "disputes another job");
    }
    if (data.phase != Phase.FIRST_VERDICT) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    boolean prover = message.signer().equals(context.prover());
    boolean client = message.signer().equals(context.client());
    boolean against =
        (prover && data.round().outcome != Outcome.ACCEPTED)
            || (client && data.round().outcome != Outcome.REJECTED);
    if (!against) {
      return refuse(message, Refusal.WRONG_SIGNER, "the verdict did not go against this party");
    }
    data.disputer = message.signer();
    ledger.bond(message.signer()).forEach(turn::settle);
    stage.summon(turn, 2);
    return Optional.empty();
  }

  private void finish(Turn turn, Outcome outcome) {
    JobData data = turn.data;
    CommitteeCount.reading(context, data)
        .ifPresent(reading -> turn.effects.add(new Effect.Reading(reading)));
    ledger.divide(data, outcome).forEach(turn::settle);
    turn.end(outcome);
  }

  private void decided(Turn turn, Outcome outcome) {
    if (turn.data.round().number == 1 && outcome != Outcome.SILENT) {
      turn.enter(Phase.FIRST_VERDICT, context.terms().deadlines().disputeMillis());
    } else {
      finish(turn, outcome);
    }
  }

  @Override
  void timeoutMore(Turn turn) {
    JobData data = turn.data;
    if (stage.timeout(turn)) {
      return;
    }
    switch (data.phase) {
      case FIRST_VERDICT -> finish(turn, JobData.present(data.round().outcome));
      case ACKNOWLEDGED -> expire(turn, Optional.empty());
      // The beacon failed. After a first verdict nothing more can be decided than nothing.
      default -> {
        if (data.rounds.size() == 2) {
          finish(turn, Outcome.UNDECIDED);
        } else {
          expire(turn, Optional.empty());
        }
      }
    }
  }

  @Override
  void expectedMore(JobData data, List<Expected> expected) {
    if (data.phase != Phase.FIRST_VERDICT) {
      stage.expected(data, expected);
      return;
    }
    if (data.round().outcome != Outcome.ACCEPTED) {
      expected.add(from(context.prover(), MessageType.DISPUTE, data));
    }
    if (data.round().outcome != Outcome.REJECTED) {
      expected.add(from(context.client(), MessageType.DISPUTE, data));
    }
  }

  /** The round of randomness that a state waits for, empty if it waits for something else. */
  public Optional<Long> randomnessDue(JobState state) {
    return CommitteeStage.randomnessDue(state.data());
  }
}
