package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.trace.TraceHead;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.HardenedTerms;
import io.verillm.incentives.pool.PoolTerms;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Finding;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.StageReport;
import io.verillm.network.message.StageRequest;
import io.verillm.network.message.Vote;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Amounts are those of the published payoff table with a = 1.2, b = 10, C_g = 0.1, C_v = 0.01. */
class StagedFlowTest {
  private static final long START = Micros.ofUnits(10).value();
  private static final PoolTerms TERMS =
      new PoolTerms(Rational.parse("1.2"), Rational.of(10), Micros.of(100_000), Micros.of(10_000));
  private static final Digest32 WRONG = JobFixture.digest("wrong");

  private final JobFixture job = new JobFixture();

  private static void untilSeated(JobFixture job, StagedFlow flow, JobDriver driver) {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    driver.send(job.ack(JobFixture.CLIENT, JobFixture.SCHEDULE.roundAt(driver.time)));
    assertThat(
            driver
                .send(new StageRequest(job.context.job()).sign(JobFixture.CLIENT, "test"))
                .refused())
        .isFalse();
    seat(job, flow, driver);
  }

  private static void seat(JobFixture job, StagedFlow flow, JobDriver driver) {
    long due = flow.randomnessDue(driver.state).orElseThrow();
    driver.waitUntil(Math.max(driver.time, JobFixture.SCHEDULE.publishedAtMillis(due)));
    assertThat(driver.send(job.randomness(due)).refused()).isFalse();
  }

  private long net(JobDriver driver, VerifyingKey key) {
    return driver.wallet(key).value() - START;
  }

  private Step report(JobDriver driver, int seat, int stage, boolean matches, Digest32 result) {
    SigningKey key = job.keys.get(driver.state.seats(1).get(seat).key());
    return driver.send(
        new StageReport(job.context.job(), stage, matches, result).sign(key, "test"));
  }

  @Test
  void published_noRequest_paysTheGeneratorAndReturnsTheRest() {
    JobDriver driver = new JobDriver(PublishedStages.of(job.context, TERMS, 4));
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    driver.send(job.ack(JobFixture.CLIENT, JobFixture.SCHEDULE.roundAt(driver.time)));
    driver.pastDeadline();
    assertThat(net(driver, job.context.prover())).isEqualTo(120_000);
    assertThat(net(driver, job.context.client())).isEqualTo(-120_000);
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void published_secondVerifierConfirmsGenerator_takesTheFirstOnesStake() {
    PublishedStages flow = PublishedStages.of(job.context, TERMS, 4);
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    report(driver, 0, 1, false, WRONG);
    report(driver, 1, 2, true, JobFixture.digest("right"));
    List<Seat> seats = driver.state.seats(1);
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(net(driver, job.context.prover())).isEqualTo(120_000);
    assertThat(net(driver, seats.get(0).key())).isEqualTo(-100_000);
    assertThat(net(driver, seats.get(1).key())).isEqualTo(112_000); // aC_v + (k − 1)bC_v
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test // The exploit that the published form has: two agreeing verifiers seize an honest stake.
  void published_twoAgreeAgainstTheGenerator_seizeItsStake() {
    PublishedStages flow = PublishedStages.of(job.context, TERMS, 4);
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    report(driver, 0, 1, false, WRONG);
    report(driver, 1, 2, false, WRONG);
    List<Seat> seats = driver.state.seats(1);
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(net(driver, job.context.prover())).isEqualTo(-1_000_000);
    assertThat(net(driver, seats.get(0).key())).isEqualTo(12_000); // aC_v
    assertThat(net(driver, seats.get(1).key())).isEqualTo(988_000); // bC_g + ((k − 2)b − a)C_v
    assertThat(net(driver, job.context.client())).isZero();
  }

  @Test
  void published_allDifferUpToTheLast_everythingGoesBack() {
    PublishedStages flow = PublishedStages.of(job.context, TERMS, 3);
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    for (int i = 0; i < 3; i++) {
      report(driver, i, i + 1, false, JobFixture.digest("result " + i));
    }
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(net(driver, job.context.prover())).isZero();
    assertThat(net(driver, job.context.client())).isZero();
    driver.state.seats(1).forEach(seat -> assertThat(net(driver, seat.key())).isZero());
  }

  @Test
  void published_silentVerifiers_arePassedOverAndTheGameEnds() {
    PublishedStages flow = PublishedStages.of(job.context, TERMS, 2);
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    assertThat(report(driver, 1, 1, true, WRONG).refused()).as("not its turn").isTrue();
    while (!driver.state.phase().isOver()) {
      driver.pastDeadline();
    }
    assertThat(driver.all(Effect.Missed.class)).hasSize(4);
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(net(driver, job.context.client())).isZero();
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  private void vote(JobDriver driver, int round, Vote... votes) {
    List<Seat> seats = driver.state.seats(round);
    for (int i = 0; i < votes.length; i++) {
      SigningKey key = job.keys.get(seats.get(i).key());
      Digest32 committed =
          finding(votes[i], i).commitment(job.context.job(), round, key.verifyingKey());
      assertThat(
              driver
                  .send(new Commitment(job.context.job(), round, committed).sign(key, "test"))
                  .refused())
          .isFalse();
    }
    if (driver.state.phase() == Phase.COMMIT_PHASE) {
      driver.pastDeadline();
    }
    for (int i = 0; i < votes.length; i++) {
      SigningKey key = job.keys.get(seats.get(i).key());
      assertThat(
              driver
                  .send(
                      new Reveal(job.context.job(), round, finding(votes[i], i), Optional.empty())
                          .sign(key, "test"))
                  .refused())
          .isFalse();
    }
  }

  private static Finding finding(Vote vote, int salt) {
    return new Finding(new TraceHead(WRONG, 1), vote, WRONG, JobFixture.digest("salt " + salt));
  }

  @Test
  void hardened_quorumRejects_refundsAndLeavesTheStakeAlone() {
    HardenedStages flow = HardenedStages.of(job.context, HardenedTerms.withDefaults(TERMS, 5));
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    vote(driver, 1, Vote.REJECT, Vote.REJECT, Vote.REJECT, Vote.REJECT, Vote.ACCEPT);
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(net(driver, job.context.prover())).isZero();
    assertThat(net(driver, job.context.client())).isEqualTo(-4 * 12_000);
    List<Seat> seats = driver.state.seats(1);
    assertThat(net(driver, seats.get(0).key())).isEqualTo(12_000);
    assertThat(net(driver, seats.get(4).key())).as("a minority vote is no fault").isZero();
    assertThat(driver.all(Effect.Reading.class)).hasSize(1);
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
    assertThat(driver.money.balance(Account.BURN)).isEqualTo(Micros.ZERO);
  }

  @Test
  void hardened_noQuorumInAnyCommittee_everythingGoesBack() {
    HardenedStages flow = HardenedStages.of(job.context, HardenedTerms.withDefaults(TERMS, 5));
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    for (int round = 1; round <= 3; round++) {
      vote(driver, round, Vote.REJECT, Vote.ACCEPT, Vote.UNDECIDED);
      if (round < 3) {
        seat(job, flow, driver);
      }
    }
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(net(driver, job.context.prover())).isZero();
    assertThat(net(driver, job.context.client())).isZero();
    for (Seat seat : driver.state.seats(2)) {
      assertThat(net(driver, seat.key())).isZero();
    }
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void hardened_quorumInTheSecondCommittee_decides() {
    HardenedStages flow = HardenedStages.of(job.context, HardenedTerms.withDefaults(TERMS, 5));
    JobDriver driver = new JobDriver(flow);
    untilSeated(job, flow, driver);
    vote(driver, 1, Vote.REJECT, Vote.ACCEPT, Vote.ACCEPT);
    seat(job, flow, driver);
    vote(driver, 2, Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT, Vote.ACCEPT);
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(net(driver, job.context.prover())).isEqualTo(120_000);
    assertThat(net(driver, job.context.client())).isEqualTo(-120_000 - 6 * 12_000);
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void staged_receiptThatContradictsItsOrder_paysNobody() {
    for (StagedFlow flow :
        List.of(
            PublishedStages.of(job.context, TERMS, 4),
            HardenedStages.of(job.context, HardenedTerms.withDefaults(TERMS, 5)))) {
      JobDriver driver = new JobDriver(flow);
      driver.send(job.acceptance());
      driver.send(job.otherModel());
      assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
      assertThat(net(driver, job.context.prover())).isZero();
      assertThat(net(driver, job.context.client())).isZero();
    }
  }

  @Test
  void of_tooFewOwners_isRefused() {
    assertThatThrownBy(() -> PublishedStages.of(job.context, TERMS, 13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("26 owners");
  }
}
