package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.pool.CommitteeBallot;
import io.verillm.incentives.pool.HardenedPool;
import io.verillm.incentives.pool.HardenedTerms;
import io.verillm.incentives.pool.PoolPayout;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.FaultEvidence;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Proof of Cache's staged verification without the published exploits: a stage is a whole committee
 * drawn at once, votes are committed before they are shown, a two-thirds quorum decides, and after
 * K_max committees without one everything goes back.
 *
 * <p>A vote alone never takes the generator's stake: a rejection refunds the client and is a
 * reading for the generator's evidence. Faults that prove something are settled from their own
 * evidence when the epoch is closed. Members put their bond in with their commitment.
 */
@CheckReturnValue
public final class HardenedStages extends StagedFlow {
  private final HardenedTerms terms;

  private HardenedStages(JobContext context, PoolEscrow escrow, HardenedTerms terms) {
    super(context, escrow, terms.maxCommittees());
    this.terms = terms;
  }

  /**
   * Makes the machine of a job.
   *
   * @throws IllegalArgumentException if framing an honest generator pays under the terms, or there
   *     are too few owners for all committees
   */
  public static HardenedStages of(JobContext context, HardenedTerms terms) {
    HardenedPool pool = new HardenedPool(terms);
    requireOwners(context, terms.committeeSize() * terms.maxCommittees());
    PoolEscrow escrow =
        new PoolEscrow(
            context,
            terms.mostUserCost().ceilingMicros(),
            terms.pool().generatorStake().ceilingMicros(),
            terms.pool().verifierStake().ceilingMicros(),
            data -> payout(pool, data));
    return new HardenedStages(context, escrow, terms);
  }

  private static Optional<PoolPayout> payout(HardenedPool pool, JobData data) {
    return SeatPayout.of(pool, data);
  }

  @Override
  int seats(int round) {
    return terms.committeeSize();
  }

  @Override
  void seated(Turn turn, CommitteeRound round) {
    turn.enter(Phase.COMMIT_PHASE, context.terms().deadlines().commitMillis());
  }

  @Override
  Optional<Effect.Refused> takeStage(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    return switch (message.type()) {
      case COMMITMENT -> commitment(turn, message);
      case REVEAL -> reveal(turn, message);
      default -> refuse(message, Refusal.NOT_EXPECTED, "not a message of this flow");
    };
  }

  private Optional<Effect.Refused> commitment(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Commitment commitment = Commitment.decode(message.payload());
    JobData data = turn.data;
    Optional<Effect.Refused> stranger =
        Members.stranger(context, data, message, commitment.job(), commitment.round());
    if (stranger.isPresent()) {
      return stranger;
    }
    CommitteeRound round = data.round();
    SignedMessage earlier = round.commitments.get(message.signer());
    if (earlier != null) {
      return conflict(turn, earlier, message);
    }
    if (data.phase != Phase.COMMIT_PHASE) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    turn.settle(pool.join(message.signer()));
    data.joined.add(message.signer());
    round.commitments.put(message.signer(), message);
    if (round.commitments.size() == round.seats.size()) {
      close(turn);
    }
    return Optional.empty();
  }

  private void close(Turn turn) {
    if (turn.data.round().commitments.isEmpty()) {
      decide(turn);
    } else {
      turn.enter(Phase.CHALLENGED, context.terms().deadlines().openMillis());
    }
  }

  private Optional<Effect.Refused> reveal(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    Reveal reveal = Reveal.decode(message.payload());
    JobData data = turn.data;
    Optional<Effect.Refused> stranger =
        Members.stranger(context, data, message, reveal.job(), reveal.round());
    if (stranger.isPresent()) {
      return stranger;
    }
    CommitteeRound round = data.round();
    SignedMessage earlier = round.votes.get(message.signer());
    if (earlier != null) {
      return conflict(turn, earlier, message);
    }
    SignedMessage committed = round.commitments.get(message.signer());
    if (data.phase != Phase.CHALLENGED || committed == null) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    Digest32 opened = reveal.finding().commitment(context.job(), round.number, message.signer());
    if (!opened.equals(Commitment.decode(committed.payload()).commitment())) {
      turn.fault(FaultEvidence.of(message.signer(), FaultKind.REVEAL_DIFFERS, committed, message));
      return refuse(message, Refusal.COMMITMENT_MISMATCH, "does not open the commitment");
    }
    round.votes.put(message.signer(), message);
    if (round.votes.size() == round.commitments.size()) {
      decide(turn);
    }
    return Optional.empty();
  }

  private void decide(Turn turn) {
    JobData data = turn.data;
    CommitteeBallot ballot = SeatPayout.ballot(data.round());
    boolean accepted = ballot.count(CommitteeBallot.Vote.ACCEPT) >= terms.quorum();
    boolean rejected = ballot.count(CommitteeBallot.Vote.REJECT) >= terms.quorum();
    if (accepted || rejected) {
      CommitteeCount.readingOfVotes(context, data)
          .ifPresent(reading -> turn.effects.add(new Effect.Reading(reading)));
      finish(turn, accepted ? Outcome.ACCEPTED : Outcome.REJECTED);
    } else if (data.rounds.size() == terms.maxCommittees()) {
      finish(turn, Outcome.UNDECIDED);
    } else {
      nextDraw(turn);
    }
  }

  @Override
  void timeoutStage(Turn turn) {
    JobData data = turn.data;
    for (VerifyingKey late : owing(data)) {
      turn.effects.add(new Effect.Missed(late, data.phase, data.deadline));
    }
    if (data.phase == Phase.COMMIT_PHASE) {
      close(turn);
    } else {
      decide(turn);
    }
  }

  private static List<VerifyingKey> owing(JobData data) {
    CommitteeRound round = data.round();
    List<VerifyingKey> owing = new ArrayList<>();
    for (Seat seat : round.seats) {
      boolean committed = round.commitments.containsKey(seat.key());
      boolean owes =
          data.phase == Phase.COMMIT_PHASE
              ? !committed
              : committed && !round.votes.containsKey(seat.key());
      if (owes) {
        owing.add(seat.key());
      }
    }
    return owing;
  }

  @Override
  void expectedStage(JobData data, List<Expected> expected) {
    MessageType type =
        data.phase == Phase.COMMIT_PHASE ? MessageType.COMMITMENT : MessageType.REVEAL;
    owing(data).forEach(key -> expected.add(from(key, type, data)));
  }

  /** What a ballot makes of a vote; one that could not decide is as good as silent. */
  static CommitteeBallot.Vote counted(Vote vote) {
    return switch (vote) {
      case ACCEPT -> CommitteeBallot.Vote.ACCEPT;
      case REJECT -> CommitteeBallot.Vote.REJECT;
      case UNDECIDED -> CommitteeBallot.Vote.SILENT;
    };
  }
}
