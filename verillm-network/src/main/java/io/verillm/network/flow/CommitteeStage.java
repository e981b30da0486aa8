package io.verillm.network.flow;

import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.FaultEvidence;
import io.verillm.network.fault.FaultJudge;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.Randomness;
import io.verillm.network.message.Reveal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/**
 * A committee at work, in either flow: it is drawn, commits, rows are drawn, opened and compared,
 * and the votes are counted. What follows from the count is the flow's.
 */
final class CommitteeStage {
  private static final byte[] ROWS_TAG =
      "verillm/flow-b-rows/v1".getBytes(StandardCharsets.US_ASCII);

  private final JobContext context;
  private final BiConsumer<Turn, Outcome> then;

  /**
   * Makes the stage.
   *
   * @param then what follows when the committee of the last round has decided
   */
  CommitteeStage(JobContext context, BiConsumer<Turn, Outcome> then) {
    this.context = context;
    this.then = then;
  }

  /** Asks for a committee: the round of randomness that draws it is two after the newest one. */
  void summon(Turn turn, int number) {
    long draw = context.terms().schedule().decidingRound(turn.data.now);
    turn.data.rounds.add(new CommitteeRound(number, draw));
    turn.enterUntil(Phase.DISPUTED, context.randomnessDeadline(draw));
  }

  Optional<Effect.Refused> take(Turn turn, SignedMessage message) throws MalformedMessageException {
    return switch (message.type()) {
      case RANDOMNESS -> randomness(turn, message);
      case COMMITMENT -> commitment(turn, message);
      case REVEAL -> reveal(turn, message);
      case FRAGMENTS -> fragments(turn, message);
      default -> JobFlow.refuse(message, Refusal.NOT_EXPECTED, "not a message of this flow");
    };
  }

  /** A deadline of a committee passes; says whether the phase was one of its own. */
  boolean timeout(Turn turn) {
    switch (turn.data.phase) {
      case COMMIT_PHASE -> {
        missCommitments(turn);
        closeCommitments(turn);
        return true;
      }
      case CHALLENGED -> {
        missOpenings(turn);
        decide(turn);
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private Optional<Effect.Refused> randomness(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Randomness shown = Randomness.decode(message.payload());
    JobData data = turn.data;
    if (!shown.job().equals(context.job())) {
      return JobFlow.refuse(message, Refusal.OTHER_JOB, "shown to another job");
    }
    boolean seating = data.phase == Phase.ACKNOWLEDGED || data.phase == Phase.DISPUTED;
    if (!seating && data.phase != Phase.COMMITS_CLOSED) {
      return JobFlow.refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    CommitteeRound round = data.round();
    long due = seating ? round.drawRound : round.challengeRound;
    Draw draw = Draw.of(context, shown.value(), due);
    if (draw.refusal().isPresent()) {
      return JobFlow.refuse(message, draw.refusal().get(), draw.words());
    }
    if (seating) {
      seat(turn, round, draw.theValue());
    } else {
      drawRows(turn, round, draw.theValue());
    }
    return Optional.empty();
  }

  private void seat(Turn turn, CommitteeRound round, Digest32 value) {
    Set<String> excluded = new HashSet<>(context.barred());
    for (CommitteeRound earlier : turn.data.rounds) {
      earlier.seats.forEach(seat -> excluded.add(seat.owner()));
    }
    if (turn.data.disputer != null) { // who objects does not sit in judgement
      context.stakes().find(turn.data.disputer).ifPresent(staker -> excluded.add(staker.owner()));
    }
    int size = round.number == 1 ? context.terms().committee() : context.terms().secondCommittee();
    Digest32 seed = context.stakes().seed(value, context.job(), round.number);
    round.seats = context.stakes().draw(seed, size, excluded);
    turn.effects.add(new Effect.Seated(round.number, round.seats));
    turn.enter(Phase.COMMIT_PHASE, context.terms().deadlines().commitMillis());
  }

  private void drawRows(Turn turn, CommitteeRound round, Digest32 value) {
    Digest32 seed =
        Digest32.sha256(
            ROWS_TAG,
            value.toByteArray(),
            context.job().toByteArray(),
            ByteBuffer.allocate(4).putInt(round.number).array(),
            round.commitSet().toByteArray());
    int committed =
        turn.data.theReceipt().promptTokens() + turn.data.theReceipt().outputTokens() - 1;
    SortedMap<Integer, List<Integer>> rows =
        context.terms().plan().draw(seed, context.layout(), committed);
    round.rows = rows;
    turn.effects.add(new Effect.Drawn(round.number, rows));
    turn.enter(Phase.CHALLENGED, context.terms().deadlines().openMillis());
  }

  private Optional<Effect.Refused> commitment(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Commitment commitment = Commitment.decode(message.payload());
    Optional<Effect.Refused> stranger =
        Members.stranger(context, turn.data, message, commitment.job(), commitment.round());
    if (stranger.isPresent()) {
      return stranger;
    }
    CommitteeRound round = turn.data.round();
    SignedMessage earlier = round.commitments.get(message.signer());
    if (earlier != null) {
      return JobFlow.conflict(turn, earlier, message);
    }
    if (turn.data.phase != Phase.COMMIT_PHASE) {
      return JobFlow.refuse(message, Refusal.NOT_EXPECTED, "the job is " + turn.data.phase);
    }
    round.commitments.put(message.signer(), message);
    if (round.commitments.size() == round.seats.size()) {
      closeCommitments(turn);
    }
    return Optional.empty();
  }

  private void closeCommitments(Turn turn) {
    CommitteeRound round = turn.data.round();
    if (round.commitments.isEmpty()) {
      decide(turn);
      return;
    }
    round.challengeRound = context.terms().schedule().decidingRound(turn.data.now);
    turn.enterUntil(Phase.COMMITS_CLOSED, context.randomnessDeadline(round.challengeRound));
  }

  private Optional<Effect.Refused> reveal(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Reveal reveal = Reveal.decode(message.payload());
    Optional<Effect.Refused> stranger =
        Members.stranger(context, turn.data, message, reveal.job(), reveal.round());
    if (stranger.isPresent()) {
      return stranger;
    }
    CommitteeRound round = turn.data.round();
    CommitteeRound.Checked earlier = round.reveals.get(message.signer());
    if (earlier != null) {
      return JobFlow.conflict(turn, earlier.message(), message);
    }
    SignedMessage committed = round.commitments.get(message.signer());
    if (turn.data.phase != Phase.CHALLENGED || committed == null) {
      return JobFlow.refuse(message, Refusal.NOT_EXPECTED, "the job is " + turn.data.phase);
    }
    Digest32 opened = reveal.finding().commitment(context.job(), round.number, message.signer());
    if (!opened.equals(Commitment.decode(committed.payload()).commitment())) {
      turn.fault(FaultEvidence.of(message.signer(), FaultKind.REVEAL_DIFFERS, committed, message));
      return JobFlow.refuse(message, Refusal.COMMITMENT_MISMATCH, "does not open the commitment");
    }
    if (reveal.fragments().isEmpty()) {
      return JobFlow.refuse(message, Refusal.BAD_OPENING, "no rows");
    }
    if (reveal.finding().head().leafCount() != FaultJudge.leaves(turn.data.theReceipt())) {
      return JobFlow.refuse(
          message, Refusal.BAD_OPENING, "a trace of another length than the answer's");
    }
    OpeningOutcome outcome =
        OpenedRows.verify(
            context,
            reveal.finding().head(),
            message.signer(),
            TraceRole.VERIFIER,
            reveal.fragments().get());
    if (outcome instanceof OpeningOutcome.Mismatch mismatch) {
      turn.fault(
          FaultEvidence.of(
              message.signer(),
              FaultKind.BAD_OPENING,
              context.orderMessage(),
              context.termsMessage(),
              message));
      return JobFlow.refuse(message, Refusal.BAD_OPENING, OpenedRows.words(mismatch));
    }
    OpeningOutcome.Verified rows = (OpeningOutcome.Verified) outcome;
    Optional<OpeningOutcome.Mismatch> missing = rows.missing(round.rows);
    if (missing.isPresent()) {
      return JobFlow.refuse(message, Refusal.BAD_OPENING, OpenedRows.words(missing.get()));
    }
    round.reveals.put(message.signer(), new CommitteeRound.Checked(message, reveal, rows));
    decideIfComplete(turn);
    return Optional.empty();
  }

  private Optional<Effect.Refused> fragments(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Fragments fragments = Fragments.decode(message.payload());
    JobData data = turn.data;
    if (!fragments.job().equals(context.job())) {
      return JobFlow.refuse(message, Refusal.OTHER_JOB, "of another job");
    }
    if (!message.signer().equals(context.prover())) {
      return JobFlow.refuse(message, Refusal.WRONG_SIGNER, "only the prover opens its trace");
    }
    if (data.rounds.isEmpty() || data.round().number != fragments.round()) {
      return JobFlow.refuse(
          message, Refusal.OTHER_ROUND, "committee " + fragments.round() + " is not at work");
    }
    CommitteeRound round = data.round();
    if (round.fragmentsMessage != null) {
      return JobFlow.conflict(turn, round.fragmentsMessage, message);
    }
    if (data.phase != Phase.CHALLENGED) {
      return JobFlow.refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    OpeningOutcome outcome =
        OpenedRows.verify(
            context,
            data.theReceipt().head(),
            context.prover(),
            TraceRole.PROVER,
            fragments.rows());
    if (outcome instanceof OpeningOutcome.Mismatch mismatch) {
      turn.fault(
          FaultEvidence.of(
              context.prover(),
              FaultKind.BAD_OPENING,
              context.orderMessage(),
              context.termsMessage(),
              data.theReceiptMessage(),
              message));
      return JobFlow.refuse(message, Refusal.BAD_OPENING, OpenedRows.words(mismatch));
    }
    OpeningOutcome.Verified rows = (OpeningOutcome.Verified) outcome;
    Optional<OpeningOutcome.Mismatch> missing = OpenedRows.missing(rows, round.rows);
    if (missing.isPresent()) {
      return JobFlow.refuse(message, Refusal.BAD_OPENING, OpenedRows.words(missing.get()));
    }
    round.fragmentsMessage = message;
    round.fragments = rows;
    decideIfComplete(turn);
    return Optional.empty();
  }

  private void decideIfComplete(Turn turn) {
    CommitteeRound round = turn.data.round();
    if (round.fragments != null && round.reveals.size() == round.commitments.size()) {
      decide(turn);
    }
  }

  private void decide(Turn turn) {
    CommitteeRound round = turn.data.round();
    CommitteeCount count = CommitteeCount.of(context, round);
    round.results = count.results();
    round.outcome = count.outcome();
    turn.effects.add(new Effect.Decided(round.number, count.outcome(), count.results()));
    then.accept(turn, count.outcome());
  }

  private void missCommitments(Turn turn) {
    CommitteeRound round = turn.data.round();
    for (Seat seat : round.seats) {
      if (!round.commitments.containsKey(seat.key())) {
        miss(turn, seat.key());
      }
    }
  }

  private void missOpenings(Turn turn) {
    CommitteeRound round = turn.data.round();
    if (round.fragments == null) {
      miss(turn, context.prover());
    }
    for (Seat seat : round.seats) {
      boolean owes = round.commitments.containsKey(seat.key());
      if (owes && !round.reveals.containsKey(seat.key())) {
        miss(turn, seat.key());
      }
    }
  }

  private static void miss(Turn turn, VerifyingKey party) {
    turn.effects.add(new Effect.Missed(party, turn.data.phase, turn.data.deadline));
  }

  /** Who of the committee, and what of the prover, is waited for. */
  void expected(JobData data, List<Expected> expected) {
    CommitteeRound round = data.round();
    switch (data.phase) {
      case COMMIT_PHASE -> {
        for (Seat seat : round.seats) {
          if (!round.commitments.containsKey(seat.key())) {
            expected.add(JobFlow.from(seat.key(), MessageType.COMMITMENT, data));
          }
        }
      }
      case CHALLENGED -> {
        if (round.fragments == null) {
          expected.add(JobFlow.from(context.prover(), MessageType.FRAGMENTS, data));
        }
        for (VerifyingKey member : round.commitments.keySet()) {
          if (!round.reveals.containsKey(member)) {
            expected.add(JobFlow.from(member, MessageType.REVEAL, data));
          }
        }
      }
      default -> expected.add(JobFlow.fromAnyone(MessageType.RANDOMNESS, data));
    }
  }

  /** The round of randomness that a job with a committee waits for. */
  static Optional<Long> randomnessDue(JobData data) {
    if (data.rounds.isEmpty()) {
      return Optional.empty();
    }
    return switch (data.phase) {
      case ACKNOWLEDGED, DISPUTED -> Optional.of(data.round().drawRound);
      case COMMITS_CLOSED -> Optional.of(data.round().challengeRound);
      default -> Optional.empty();
    };
  }
}
