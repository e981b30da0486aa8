package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.PoolOutcome;
import io.verillm.incentives.pool.PoolPayout;
import io.verillm.incentives.pool.PoolTerms;
import io.verillm.incentives.pool.PublishedPool;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.StageReport;
import java.util.List;
import java.util.Optional;

/**
 * Proof of Cache's staged verification as published (preview v1, January 2025), for comparison: a
 * verifier agrees with the generator, or with an earlier verifier against it, or the next one is
 * asked. Arbitration after K_max verifiers is ours; the published game need not end.
 *
 * <p>Do not run it for money: two verifiers who agree seize an honest generator's stake, the first
 * verifier is paid for agreeing unseen, and reports can be copied. {@link HardenedStages} is the
 * one to use.
 *
 * <p>Results are compared by digest, so they have to be discrete: the list of matched cells, not
 * the values. A drawn verifier that stays silent puts nothing in and is passed over.
 */
@CheckReturnValue
public final class PublishedStages extends StagedFlow {
  private PublishedStages(JobContext context, PoolEscrow escrow, int maxVerifiers) {
    super(context, escrow, maxVerifiers);
  }

  /**
   * Makes the machine of a job.
   *
   * @param maxVerifiers K_max, at least 1
   * @throws IllegalArgumentException if there are fewer owners to draw than twice that many
   */
  public static PublishedStages of(JobContext context, PoolTerms terms, int maxVerifiers) {
    if (maxVerifiers < 1) {
      throw new IllegalArgumentException("at least one verifier, got " + maxVerifiers);
    }
    requireOwners(context, 2 * maxVerifiers);
    Rational user = terms.generationFee().plus(terms.verificationFee());
    PoolEscrow escrow =
        new PoolEscrow(
            context,
            user.ceilingMicros(),
            terms.generatorStake().ceilingMicros(),
            terms.verifierStake().ceilingMicros(),
            data -> payout(terms, data));
    return new PublishedStages(context, escrow, maxVerifiers);
  }

  private static Optional<PoolPayout> payout(PoolTerms terms, JobData data) {
    if (data.reports.isEmpty()) {
      // Not asked for, the answer stands; asked for and nobody came, everything goes back.
      return data.rounds.isEmpty()
          ? Optional.of(new PublishedPool(terms).settle(new PoolOutcome.NoChallenge()))
          : Optional.empty();
    }
    PoolOutcome outcome = ending(data).orElse(new PoolOutcome.Arbitrated(data.reports.size()));
    return Optional.of(new PublishedPool(terms).settle(outcome));
  }

  /** How the reports end the game, empty if they do not. */
  private static Optional<PoolOutcome> ending(JobData data) {
    int stage = data.reports.size();
    StageReport last = report(data, stage);
    if (last.matchesGenerator()) {
      return Optional.of(new PoolOutcome.ConfirmsGenerator(stage));
    }
    for (int earlier = 1; earlier < stage; earlier++) {
      if (report(data, earlier).result().equals(last.result())) {
        return Optional.of(new PoolOutcome.ConfirmsVerifier(stage, earlier));
      }
    }
    return Optional.empty();
  }

  private static StageReport report(JobData data, int stage) {
    try {
      return StageReport.decode(data.reports.get(stage - 1).payload());
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("it was read when it was taken", e);
    }
  }

  @Override
  void seated(Turn turn, CommitteeRound round) {
    turn.enter(Phase.COMMIT_PHASE, context.terms().deadlines().commitMillis());
  }

  @Override
  int seats(int round) {
    return 2 * stages();
  }

  @Override
  Optional<Effect.Refused> takeStage(Turn turn, SignedMessage message)
      throws MalformedMessageException {
    if (message.type() != MessageType.STAGE_REPORT) {
      return refuse(message, Refusal.NOT_EXPECTED, "not a message of this flow");
    }
    StageReport report = StageReport.decode(message.payload());
    JobData data = turn.data;
    if (!report.job().equals(context.job())) {
      return refuse(message, Refusal.OTHER_JOB, "of another job");
    }
    for (SignedMessage earlier : data.reports) {
      if (earlier.signer().equals(message.signer())
          && StageReport.decode(earlier.payload()).stage() == report.stage()) {
        return conflict(turn, earlier, message);
      }
    }
    if (data.phase != Phase.COMMIT_PHASE) {
      return refuse(message, Refusal.NOT_EXPECTED, "the job is " + data.phase);
    }
    if (report.stage() != data.reports.size() + 1) {
      return refuse(message, Refusal.OTHER_ROUND, "stage " + (data.reports.size() + 1) + " is on");
    }
    if (!message.signer().equals(onTurn(data).key())) {
      return refuse(message, Refusal.WRONG_SIGNER, "another verifier is on");
    }
    turn.settle(pool.join(message.signer()));
    data.joined.add(message.signer());
    data.reports.add(message);
    data.turnsTaken++;
    Optional<PoolOutcome> ending = ending(data);
    if (ending.isPresent()) {
      finish(
          turn,
          ending.get() instanceof PoolOutcome.ConfirmsGenerator
              ? Outcome.ACCEPTED
              : Outcome.REJECTED);
    } else {
      next(turn);
    }
    return Optional.empty();
  }

  private static Seat onTurn(JobData data) {
    return data.round().seats.get(data.turnsTaken);
  }

  private void next(Turn turn) {
    JobData data = turn.data;
    if (data.reports.size() == stages() || data.turnsTaken == data.round().seats.size()) {
      finish(turn, Outcome.UNDECIDED);
    } else {
      turn.enter(Phase.COMMIT_PHASE, context.terms().deadlines().commitMillis());
    }
  }

  @Override
  void timeoutStage(Turn turn) {
    JobData data = turn.data;
    turn.effects.add(new Effect.Missed(onTurn(data).key(), data.phase, data.deadline));
    data.turnsTaken++;
    next(turn);
  }

  @Override
  void expectedStage(JobData data, List<Expected> expected) {
    expected.add(from(onTurn(data).key(), MessageType.STAGE_REPORT, data));
  }

  /** The digest that two verifiers have to share to agree: that of their discrete result. */
  public static Digest32 resultOf(byte[] matchedCells) {
    return Digest32.sha256(matchedCells);
  }
}
