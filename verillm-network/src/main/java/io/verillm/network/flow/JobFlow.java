package io.verillm.network.flow;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.network.fault.FaultEvidence;
import io.verillm.network.fault.FaultJudge;
import io.verillm.network.message.TermsAcceptance;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A pure machine for one job. Immutable and thread-safe; states are values.
 *
 * <p>Time is the log's, in Unix milliseconds; a time earlier than the last input's counts as that
 * one. A message is in time up to and including its deadline.
 *
 * <p>If a ledger refuses a settlement of a step (the client cannot pay, a bond is not covered), the
 * driver keeps the state it had: the message never happened.
 */
@CheckReturnValue
public abstract class JobFlow {
  private static final int MAX_INPUTS = 1 << 16;

  /** Latest time that a machine takes; leaves room for every deadline. */
  static final long LATEST_MILLIS = 1L << 53;

  final JobContext context;
  private final Escrow escrow;

  JobFlow(JobContext context, Escrow escrow) {
    this.context = Objects.requireNonNull(context, "context");
    this.escrow = Objects.requireNonNull(escrow, "escrow");
  }

  /** The job's context. */
  public final JobContext context() {
    return context;
  }

  /** The state in which terms are offered to the prover from {@code timeMillis} on. */
  public final JobState start(long timeMillis) {
    requireTime(timeMillis);
    JobData data = new JobData();
    data.now = timeMillis;
    data.deadline = timeMillis + context.terms().deadlines().acceptMillis();
    data.inputs.add(new JobInput(timeMillis, Optional.empty()));
    return new JobState(data);
  }

  /** Takes a message, or refuses it among the effects. Deadlines before it take effect first. */
  public final Step receive(JobState state, SignedMessage message, long timeMillis) {
    Objects.requireNonNull(message, "message");
    Turn turn = new Turn(state);
    long time = advance(turn, timeMillis);
    Optional<Effect.Refused> refused = screened(turn, message, time);
    if (refused.isPresent()) {
      turn.effects.add(refused.get());
    }
    return turn.step(state);
  }

  /** Lets deadlines before {@code timeMillis} take effect. */
  public final Step tick(JobState state, long timeMillis) {
    Turn turn = new Turn(state);
    advance(turn, timeMillis);
    return turn.step(state);
  }

  private static void requireTime(long timeMillis) {
    if (timeMillis < 0 || timeMillis > LATEST_MILLIS) {
      throw new IllegalArgumentException("time " + timeMillis + " out of range");
    }
  }

  @CanIgnoreReturnValue
  private long advance(Turn turn, long timeMillis) {
    requireTime(timeMillis);
    JobData data = turn.data;
    long time = Math.max(timeMillis, data.now);
    while (!data.phase.isOver() && time > data.deadline) {
      data.now = Math.max(data.now, data.deadline);
      turn.record(data.now + 1, Optional.empty());
      timeout(turn);
    }
    return Math.max(time, data.now);
  }

  private Optional<Effect.Refused> screened(Turn turn, SignedMessage message, long time) {
    if (turn.data.phase.isOver()) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is over");
    }
    for (JobInput taken : turn.data.inputs) {
      if (taken.message().isPresent() && taken.message().get().equals(message)) {
        return refuse(message, Refusal.DUPLICATE, "taken before");
      }
    }
    if (!message.verify(context.networkId())) {
      return refuse(message, Refusal.BAD_SIGNATURE, "the signature does not hold");
    }
    long before = turn.data.now;
    try {
      turn.data.now = time; // what the message starts counts from its own time
      Optional<Effect.Refused> refused = take(turn, message);
      if (refused.isEmpty()) {
        turn.record(time, Optional.of(message));
      } else {
        turn.data.now = before;
      }
      return refused;
    } catch (MalformedMessageException e) {
      turn.data.now = before;
      return refuse(message, Refusal.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  /** Refuses a message; every flow checks all of it before it changes anything. */
  static Optional<Effect.Refused> refuse(SignedMessage message, Refusal why, String detail) {
    return Optional.of(new Effect.Refused(message.id(), why, detail));
  }

  /** Takes a message whose signature holds. */
  private Optional<Effect.Refused> take(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    return switch (message.type()) {
      case TERMS_ACCEPTANCE -> acceptance(turn, message);
      case RECEIPT -> receipt(turn, message);
      case ACK -> ack(turn, message);
      default -> takeMore(turn, message);
    };
  }

  private Optional<Effect.Refused> acceptance(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    TermsAcceptance acceptance = TermsAcceptance.decode(message.payload());
    if (!acceptance.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "accepts another job");
    }
    if (!message.signer().equals(context.prover())) {
      return refuse(message, Refusal.WRONG_SIGNER, "the order names another node");
    }
    if (turn.data.phase != Phase.OFFERED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + turn.data.phase);
    }
    escrow.fund().forEach(turn::settle);
    turn.enter(Phase.CREATED, context.terms().deadlines().receiptMillis());
    return Optional.empty();
  }

  private Optional<Effect.Refused> receipt(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Receipt receipt = Receipt.decode(message.payload());
    JobData data = turn.data;
    if (!receipt.order().equals(context.orderMessage().id())) {
      return refuse(message, Refusal.OTHER_JOB, "answers another order");
    }
    if (!message.signer().equals(context.prover())) {
      return refuse(message, Refusal.WRONG_SIGNER, "the order names another node");
    }
    if (data.receiptMessage != null) {
      return conflict(turn, data.receiptMessage, message);
    }
    if (data.phase != Phase.CREATED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    data.receiptMessage = message;
    data.receipt = receipt;
    data.receivedAt = data.now;
    if (FaultJudge.contradicts(context.order(), receipt)) {
      turn.fault(
          FaultEvidence.of(
              context.prover(), FaultKind.ORDER_MISMATCH, context.orderMessage(), message));
      escrow.divide(data, Outcome.REJECTED).forEach(turn::settle);
      turn.end(Outcome.REJECTED);
      return Optional.empty();
    }
    turn.enter(Phase.OUTPUT_COMMITTED, context.terms().deadlines().ackMillis());
    return Optional.empty();
  }

  private Optional<Effect.Refused> ack(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    ReceiptAck ack = ReceiptAck.decode(message.payload());
    JobData data = turn.data;
    if (data.receiptMessage == null || !ack.receipt().equals(data.receiptMessage.id())) {
      return refuse(message, Refusal.OTHER_JOB, "acknowledges another receipt");
    }
    if (!context.mayAcknowledge(message.signer())) {
      return refuse(message, Refusal.WRONG_SIGNER, "neither client, witness nor log of the job");
    }
    SignedMessage earlier = data.ackMessage;
    if (earlier != null && earlier.signer().equals(message.signer())) {
      return conflict(turn, earlier, message);
    }
    if (data.phase != Phase.OUTPUT_COMMITTED) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    long oldest = context.terms().schedule().roundAt(data.receivedAt);
    long newest =
        context.terms().schedule().roundAt(data.now) + 1; // clocks may differ by one round
    if (!ack.source().equals(context.source().id())
        || ack.roundSeen() < oldest
        || ack.roundSeen() > newest) {
      return refuse(
          message,
          Refusal.WRONG_ROUND,
          "round " + ack.roundSeen() + " is not in " + oldest + ".." + newest);
    }
    data.ackMessage = message;
    data.ack = ack;
    acknowledged(turn);
    return Optional.empty();
  }

  /** Refuses the second of two messages that exclude each other and keeps both as evidence. */
  static Optional<Effect.Refused> conflict(Turn turn, SignedMessage first, SignedMessage second) {
    if (first.id().equals(second.id())) {
      return refuse(second, Refusal.DUPLICATE, "taken before");
    }
    turn.fault(FaultEvidence.of(second.signer(), FaultKind.EQUIVOCATION, first, second));
    return refuse(second, Refusal.CONFLICT, "another one was taken before");
  }

  /** A deadline passes before the flow's own part begins. */
  final void expire(Turn turn, Optional<VerifyingKey> late) {
    JobData data = turn.data;
    late.ifPresent(key -> turn.effects.add(new Effect.Missed(key, data.phase, data.deadline)));
    if (data.phase != Phase.OFFERED) {
      escrow.divide(data, Outcome.EXPIRED).forEach(turn::settle);
    }
    turn.end(Outcome.EXPIRED);
  }

  private void timeout(Turn turn) {
    switch (turn.data.phase) {
      case OFFERED, OUTPUT_COMMITTED -> expire(turn, Optional.empty());
      case CREATED -> expire(turn, Optional.of(context.prover()));
      default -> timeoutMore(turn);
    }
  }

  /** What follows when a receipt has been acknowledged. */
  abstract void acknowledged(Turn turn);

  /** Takes a message that both flows do not share. */
  abstract Optional<Effect.Refused> takeMore(Turn turn, SignedMessage message)
      throws MalformedMessageException;

  /** A deadline passes in a phase that both flows do not share. */
  abstract void timeoutMore(Turn turn);

  /** Who has to send what until when. */
  public final List<Expected> expected(JobState state) {
    JobData data = state.data();
    List<Expected> expected = new ArrayList<>();
    switch (data.phase) {
      case OFFERED -> expected.add(from(context.prover(), MessageType.TERMS_ACCEPTANCE, data));
      case CREATED -> expected.add(from(context.prover(), MessageType.RECEIPT, data));
      case OUTPUT_COMMITTED -> {
        expected.add(from(context.client(), MessageType.ACK, data));
        for (VerifyingKey witness : context.terms().witnesses()) {
          expected.add(from(witness, MessageType.ACK, data));
        }
      }
      case SETTLED, EXPIRED -> {}
      default -> expectedMore(data, expected);
    }
    return List.copyOf(expected);
  }

  abstract void expectedMore(JobData data, List<Expected> expected);

  static Expected from(VerifyingKey key, MessageType type, JobData data) {
    return new Expected(Optional.of(key), type, data.deadline);
  }

  static Expected fromAnyone(MessageType type, JobData data) {
    return new Expected(Optional.empty(), type, data.deadline);
  }

  /**
   * Reads a state by replaying its inputs.
   *
   * @throws MalformedMessageException if the bytes are not exactly those of a state that this
   *     machine can reach; every signature is checked again
   */
  public final JobState decode(byte[] bytes) throws MalformedMessageException {
    if (bytes.length > JobState.MAX_BYTES) {
      throw new MalformedMessageException("state", 0, bytes.length + " bytes");
    }
    CborReader in = CborReader.of(bytes);
    in.arrayOf("state", 2);
    if (in.unsigned("state.version", 255) != JobState.VERSION) {
      throw in.malformed("state.version", "unknown version");
    }
    int count = in.array("state.inputs", MAX_INPUTS);
    JobState state = null;
    for (int i = 0; i < count; i++) {
      in.arrayOf("state.input", 2);
      long time = in.unsigned("state.time", LATEST_MILLIS);
      if (state == null) {
        in.nul("state.start");
        state = start(time);
        continue;
      }
      Step step;
      if (in.nextIsNull()) {
        in.nul("state.deadline");
        step = tick(state, time);
      } else {
        SignedMessage message =
            SignedMessage.decode(in.bytes("state.message", SignedMessage.MAX_BYTES));
        step = receive(state, message, time);
      }
      JobState next = step.state();
      boolean exact =
          next.data().inputs.size() == i + 1 && next.data().inputs.get(i).timeMillis() == time;
      if (!exact) {
        throw in.malformed("state.input", "this input would not have been taken");
      }
      state = next;
    }
    in.end();
    if (state == null) {
      throw new MalformedMessageException("state.inputs", 0, "a state has a start");
    }
    return state;
  }

  /** The digest of the job's opening settlement subjects, for people who read ledgers. */
  final Digest32 job() {
    return context.job();
  }
}
