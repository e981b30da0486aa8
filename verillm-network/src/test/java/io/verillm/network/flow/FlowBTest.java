package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.FaultEvidence;
import io.verillm.network.fault.FaultJudge;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Finding;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FlowBTest {
  private static final Micros TEN = Micros.ofUnits(10);

  private final JobFixture job = new JobFixture();
  private final FlowB flow = FlowB.of(job.context);
  private final JobDriver driver = new JobDriver(flow);

  private void untilAcknowledged() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    driver.send(job.ack(JobFixture.CLIENT, JobFixture.SCHEDULE.roundAt(driver.time)));
    assertThat(driver.state.phase()).isEqualTo(Phase.ACKNOWLEDGED);
  }

  private void showRandomness() {
    long round = flow.randomnessDue(driver.state).orElseThrow();
    driver.waitUntil(Math.max(driver.time, JobFixture.SCHEDULE.publishedAtMillis(round)));
    assertThat(driver.send(job.randomness(round)).refused()).isFalse();
  }

  /** Lets a committee work; member i uses the i-th model and vote. */
  private List<JobFixture.Member> committee(int round, int[] models, Vote[] votes) {
    showRandomness();
    List<JobFixture.Member> members = new ArrayList<>();
    List<Seat> seats = driver.state.seats(round);
    for (int i = 0; i < seats.size(); i++) {
      int pick = Math.min(i, models.length - 1);
      JobFixture.Member member =
          job
          .new Member(
              seats.get(i).key(), round, models[pick], votes[Math.min(i, votes.length - 1)]);
      members.add(member);
      assertThat(driver.send(member.commitment()).refused()).isFalse();
    }
    assertThat(driver.state.phase()).isEqualTo(Phase.COMMITS_CLOSED);
    showRandomness();
    assertThat(driver.send(job.fragments(driver.state)).refused()).isFalse();
    for (JobFixture.Member member : members) {
      assertThat(driver.send(member.reveal(driver.state.rows())).refused()).isFalse();
    }
    return members;
  }

  @Test
  void flow_honestJob_isAcceptedAndPaid() {
    untilAcknowledged();
    List<JobFixture.Member> members = committee(1, new int[] {0}, new Vote[] {Vote.ACCEPT});
    assertThat(driver.state.phase()).isEqualTo(Phase.FIRST_VERDICT);
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.plus(JobFixture.MONEY.pay()));
    assertThat(driver.wallet(job.context.client()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.pay()).minus(JobFixture.MONEY.fee().times(3)));
    for (JobFixture.Member member : members) {
      VerifyingKey key = member.key.verifyingKey();
      assertThat(driver.wallet(key)).isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    assertThat(driver.all(Effect.Fault.class)).isEmpty();
    assertThat(driver.all(Effect.Reading.class)).hasSize(1);
  }

  @Test
  void flow_capturedFirstCommittee_disputeRestoresProverAndRefundsBond() {
    untilAcknowledged();
    committee(1, new int[] {5}, new Vote[] {Vote.REJECT});
    assertThat(driver.state.decision(1)).contains(Outcome.REJECTED);
    assertThat(
            driver.send(new Dispute(job.context.job()).sign(JobFixture.PROVER, "test")).refused())
        .isFalse();
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
    committee(2, new int[] {0}, new Vote[] {Vote.ACCEPT});
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.plus(JobFixture.MONEY.pay()));
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
    assertThat(driver.money.balance(Account.TREASURY)).isEqualTo(Micros.ZERO);
  }

  @Test
  void flow_dishonestDisputer_losesBond() {
    untilAcknowledged();
    committee(1, new int[] {5}, new Vote[] {Vote.REJECT});
    driver.send(new Dispute(job.context.job()).sign(JobFixture.PROVER, "test"));
    committee(2, new int[] {5}, new Vote[] {Vote.REJECT});
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
    // The bond paid the second committee; the client paid the first one only.
    assertThat(driver.wallet(job.context.client()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.fee().times(3)));
    assertThat(driver.money.balance(Account.TREASURY))
        .isEqualTo(JobFixture.MONEY.bond().minus(JobFixture.MONEY.fee().times(7)));
  }

  private List<JobFixture.Member> untilCommitted(int[] models, Vote[] votes) {
    untilAcknowledged();
    showRandomness();
    List<JobFixture.Member> members = new ArrayList<>();
    List<Seat> seats = driver.state.seats(1);
    for (int i = 0; i < seats.size(); i++) {
      members.add(job.new Member(seats.get(i).key(), 1, models[i], votes[i]));
      assertThat(driver.send(members.get(i).commitment()).refused()).isFalse();
    }
    return members;
  }

  private static Refusal why(Step step) {
    return step.effects().stream()
        .filter(Effect.Refused.class::isInstance)
        .map(effect -> ((Effect.Refused) effect).why())
        .findFirst()
        .orElseThrow();
  }

  private FaultKind provenFault(Step step) {
    FaultEvidence evidence =
        step.effects().stream()
            .filter(Effect.Fault.class::isInstance)
            .map(effect -> ((Effect.Fault) effect).evidence())
            .findFirst()
            .orElseThrow();
    FaultJudge judge = new FaultJudge("test", order -> Optional.of(JobFixture.LAYOUT));
    assertThat(judge.prove(evidence)).isPresent();
    // Anyone else's network, and an innocent in the place of the accused, prove nothing.
    assertThat(new FaultJudge("other", o -> Optional.of(JobFixture.LAYOUT)).prove(evidence))
        .isEmpty();
    assertThat(
            judge.prove(
                new FaultEvidence(
                    JobFixture.STRANGER.verifyingKey(), evidence.kind(), evidence.messages())))
        .isEmpty();
    try {
      assertThat(FaultEvidence.decode(evidence.encode())).isEqualTo(evidence);
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
    return evidence.kind();
  }

  @Test // property 21: commitment after close, reveal and challenge before it
  void message_outOfItsPhase_isRefused() {
    untilAcknowledged();
    showRandomness();
    Seat seat = driver.state.seats(1).get(0);
    JobFixture.Member early = job.new Member(seat.key(), 1, 0, Vote.ACCEPT);
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>(Map.of(0, List.of(0)));
    assertThat(why(driver.send(early.reveal(rows)))).isEqualTo(Refusal.NOT_EXPECTED);
    assertThat(why(driver.send(job.randomness(JobFixture.SCHEDULE.decidingRound(driver.time)))))
        .isEqualTo(Refusal.NOT_EXPECTED);
    driver.pastDeadline();
    // Nobody committed: nothing is decided, and a late commitment is refused.
    assertThat(driver.state.decision(1)).contains(Outcome.UNDECIDED);
    assertThat(why(driver.send(early.commitment()))).isEqualTo(Refusal.NOT_EXPECTED);
  }

  @Test // property 21: replay from another job or round, changed verdict at reveal
  void message_ofAnotherJobOrRoundOrChanged_isRefused() {
    List<JobFixture.Member> members =
        untilCommitted(new int[] {0, 0, 0}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT});
    showRandomness();
    JobFixture other = new JobFixture(1, 3, 7);
    JobFixture.Member foreign =
        other.new Member(members.get(0).key.verifyingKey(), 1, 0, Vote.ACCEPT);
    assertThat(why(driver.send(foreign.reveal(driver.state.rows())))).isEqualTo(Refusal.OTHER_JOB);
    JobFixture.Member later = job.new Member(members.get(0).key.verifyingKey(), 2, 0, Vote.ACCEPT);
    assertThat(why(driver.send(later.reveal(driver.state.rows())))).isEqualTo(Refusal.OTHER_ROUND);
    JobFixture.Member changed =
        job.new Member(members.get(0).key.verifyingKey(), 1, 0, Vote.REJECT);
    Step step = driver.send(changed.reveal(driver.state.rows()));
    assertThat(why(step)).isEqualTo(Refusal.COMMITMENT_MISMATCH);
    assertThat(provenFault(step)).isEqualTo(FaultKind.REVEAL_DIFFERS);
  }

  @Test // property 35: a copier of another's trace cannot open it
  void reveal_copiedFromTheProver_isRefusedAndProven() {
    untilAcknowledged();
    showRandomness();
    Seat seat = driver.state.seats(1).get(0);
    SigningKey key = job.keys.get(seat.key());
    Finding copied =
        new Finding(
            job.receipt.head(), Vote.ACCEPT, JobFixture.digest("v"), JobFixture.digest("s"));
    driver.send(
        new Commitment(job.context.job(), 1, copied.commitment(job.context.job(), 1, seat.key()))
            .sign(key, "test"));
    driver.pastDeadline();
    showRandomness();
    Step step =
        driver.send(
            new Reveal(
                    job.context.job(),
                    1,
                    copied,
                    Optional.of(JobFixture.open(job.proverTrace, driver.state.rows())))
                .sign(key, "test"));
    assertThat(why(step)).isEqualTo(Refusal.BAD_OPENING);
    assertThat(provenFault(step)).isEqualTo(FaultKind.BAD_OPENING);
  }

  @Test
  void commitment_second_isEquivocation() {
    List<JobFixture.Member> members =
        untilCommitted(new int[] {0, 0, 0}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT});
    JobFixture.Member changed =
        job.new Member(members.get(0).key.verifyingKey(), 1, 0, Vote.REJECT);
    Step step = driver.send(changed.commitment());
    assertThat(why(step)).isEqualTo(Refusal.CONFLICT);
    assertThat(provenFault(step)).isEqualTo(FaultKind.EQUIVOCATION);
  }

  @Test
  void receipt_second_isEquivocation() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    Step step =
        driver.send(
            job.receipt(
                    job.order,
                    job.trace(
                        JobFixture.PROVER.verifyingKey(), TraceRole.PROVER, 4, job.order.digest()))
                .sign(JobFixture.PROVER, "test"));
    assertThat(why(step)).isEqualTo(Refusal.CONFLICT);
    assertThat(provenFault(step)).isEqualTo(FaultKind.EQUIVOCATION);
  }

  @Test // property 20: one changed commitment changes the challenge
  void rows_afterAnotherCommitment_areOthers() {
    untilCommitted(new int[] {0, 0, 0}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT});
    long round = flow.randomnessDue(driver.state).orElseThrow();
    showRandomness();
    JobDriver second = new JobDriver(flow);
    second.send(job.acceptance());
    second.send(job.receiptMessage);
    second.send(job.ack(JobFixture.CLIENT, JobFixture.SCHEDULE.roundAt(second.time)));
    long seating = flow.randomnessDue(second.state).orElseThrow();
    second.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(seating));
    second.send(job.randomness(seating));
    int[] models = {0, 0, 1};
    for (int i = 0; i < 3; i++) {
      second.send(
          job.new Member(second.state.seats(1).get(i).key(), 1, models[i], Vote.ACCEPT)
              .commitment());
    }
    assertThat(flow.randomnessDue(second.state)).contains(round);
    second.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(round));
    second.send(job.randomness(round));
    assertThat(second.state.rows()).isNotEmpty().isNotEqualTo(driver.state.rows());
  }

  @Test
  void vote_ofALazyMemberWithMadeUpRows_isNotCountedAndNotPaid() {
    untilAcknowledged();
    List<JobFixture.Member> members =
        committee(1, new int[] {0, 0, 9}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.REJECT});
    Effect.Decided decided = driver.all(Effect.Decided.class).get(0);
    VerifyingKey lazy = members.get(2).key.verifyingKey();
    assertThat(decided.seats().get(lazy)).isEqualTo(SeatResult.DEVIATES);
    driver.pastDeadline();
    assertThat(driver.wallet(lazy)).isEqualTo(TEN);
    assertThat(driver.all(Effect.Fault.class)).isEmpty();
  }

  /** The case that used to cost honest members their fee: the prover's rows alone are wrong. */
  @Test
  void vote_acceptedBeforeACheatingProversRowsWereDrawn_countsAsTheRejectionOfItsRowsAndIsPaid() {
    untilAcknowledged();
    List<JobFixture.Member> members = committee(1, new int[] {9}, new Vote[] {Vote.ACCEPT});
    assertThat(driver.all(Effect.Decided.class).get(0).seats().values())
        .containsOnly(SeatResult.COUNTED_BY_ROWS);
    assertThat(driver.state.decision(1)).contains(Outcome.REJECTED);
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    for (JobFixture.Member member : members) {
      assertThat(driver.wallet(member.key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    // The evidence against the prover is not thinned out either.
    assertThat(driver.all(Effect.Reading.class).get(0).reading().exceeded()).isTrue();
    assertThat(driver.all(Effect.Fault.class)).isEmpty();
  }

  @Test
  void vote_mixedBeforeACheatingProversRowsWereDrawn_allHonestMembersAreOnOneSide() {
    untilAcknowledged();
    List<JobFixture.Member> members =
        committee(1, new int[] {9}, new Vote[] {Vote.ACCEPT, Vote.REJECT, Vote.ACCEPT});
    assertThat(driver.state.decision(1)).contains(Outcome.REJECTED);
    assertThat(
            driver.send(new Dispute(job.context.job()).sign(JobFixture.PROVER, "test")).refused())
        .isFalse();
    List<JobFixture.Member> second = committee(2, new int[] {9}, new Vote[] {Vote.ACCEPT});
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
    for (JobFixture.Member member : members) {
      assertThat(driver.wallet(member.key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    for (JobFixture.Member member : second) {
      assertThat(driver.wallet(member.key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
  }

  @Test
  void vote_acceptingWithRowsOfItsOwnAlone_neitherCountsNorIsPaid() {
    untilAcknowledged();
    List<JobFixture.Member> members =
        committee(1, new int[] {0, 0, 9}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT});
    VerifyingKey lazy = members.get(2).key.verifyingKey();
    assertThat(driver.all(Effect.Decided.class).get(0).seats().get(lazy))
        .isEqualTo(SeatResult.DEVIATES);
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.wallet(lazy)).isEqualTo(TEN);
  }

  @Test
  void vote_undecidedAboutAClassThatNobodyCanJudge_isPaidForItsRows() {
    untilAcknowledged();
    List<JobFixture.Member> members =
        committee(
            1, new int[] {0, 0, 9}, new Vote[] {Vote.UNDECIDED, Vote.UNDECIDED, Vote.UNDECIDED});
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    for (int i = 0; i < 2; i++) {
      assertThat(driver.wallet(members.get(i).key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    assertThat(driver.wallet(members.get(2).key.verifyingKey())).as("made up").isEqualTo(TEN);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    assertThat(driver.all(Effect.Reading.class)).as("nobody measured anything").isEmpty();
  }

  @Test
  void vote_undecidedWhereTheOthersDecided_isNotPaid() {
    untilAcknowledged();
    List<JobFixture.Member> members =
        committee(1, new int[] {0}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.UNDECIDED});
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.wallet(members.get(2).key.verifyingKey())).isEqualTo(TEN);
  }

  @Test
  void vote_proverSilent_membersThatOpenedArePaid() {
    List<JobFixture.Member> members =
        untilCommitted(new int[] {0, 0, 0}, new Vote[] {Vote.ACCEPT, Vote.REJECT, Vote.UNDECIDED});
    showRandomness();
    for (JobFixture.Member member : members) {
      driver.send(member.reveal(driver.state.rows()));
    }
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.SILENT);
    for (JobFixture.Member member : members) {
      assertThat(driver.wallet(member.key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    assertThat(driver.all(Effect.Reading.class)).as("no row was compared").isEmpty();
  }

  /** Otherwise no honest member's trace could have the length that the receipt wants. */
  @Test
  void receipt_traceOfAnotherLengthThanItsCounts_isRejectedByItsOwnSignature() {
    driver.send(job.acceptance());
    Step step = driver.send(job.otherLength());
    assertThat(provenFault(step)).isEqualTo(FaultKind.ORDER_MISMATCH);
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.client())).isEqualTo(TEN);
  }

  @Test
  void silence_ofTheProver_refundsTheClientAndPaysNothing() {
    List<JobFixture.Member> members =
        untilCommitted(new int[] {0, 0, 0}, new Vote[] {Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT});
    showRandomness();
    for (JobFixture.Member member : members) {
      driver.send(member.reveal(driver.state.rows()));
    }
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.SILENT);
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
  }

  @Test
  void ack_ofAnOldRoundOrOfTheProver_isRefused() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    long now = JobFixture.SCHEDULE.roundAt(driver.time);
    assertThat(why(driver.send(job.ack(JobFixture.CLIENT, now - 1))))
        .isEqualTo(Refusal.WRONG_ROUND);
    assertThat(why(driver.send(job.ack(JobFixture.CLIENT, now + 5))))
        .isEqualTo(Refusal.WRONG_ROUND);
    assertThat(why(driver.send(job.ack(JobFixture.PROVER, now)))).isEqualTo(Refusal.WRONG_SIGNER);
    assertThat(why(driver.send(job.ack(JobFixture.STRANGER, now)))).isEqualTo(Refusal.WRONG_SIGNER);
    assertThat(driver.send(job.ack(JobFixture.LOG, now)).refused()).isFalse();
  }

  @Test
  void flow_abandonedInEveryPhase_endsWithAnEmptyEscrow() {
    for (int sent = 0; sent < 5; sent++) {
      JobDriver alone = new JobDriver(flow);
      long before = alone.inside();
      if (sent > 0) {
        alone.send(job.acceptance());
      }
      if (sent > 1) {
        alone.send(job.receiptMessage);
      }
      if (sent > 2) {
        alone.send(job.ack(JobFixture.CLIENT, JobFixture.SCHEDULE.roundAt(alone.time)));
      }
      if (sent > 3) {
        long round = flow.randomnessDue(alone.state).orElseThrow();
        alone.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(round));
        alone.send(job.randomness(round));
      }
      while (!alone.state.phase().isOver()) {
        alone.pastDeadline();
      }
      assertThat(alone.escrow()).as("after %d messages", sent).isEqualTo(Micros.ZERO);
      assertThat(alone.inside()).isEqualTo(before);
      assertThat(alone.wallet(job.context.client())).isEqualTo(TEN);
    }
  }

  @Test
  void decode_anyBitFlipped_isRefusedOrAnotherHonestState() throws Exception {
    untilAcknowledged();
    byte[] bytes = driver.state.encode();
    Random random = new Random(20260103);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        // A changed time may still be one that a run could have had; the bytes are then canonical.
        assertThat(flow.decode(damaged).encode()).isEqualTo(damaged);
      } catch (MalformedMessageException expected) {
        assertThat(expected.field()).isNotEmpty();
      }
    }
  }
}
