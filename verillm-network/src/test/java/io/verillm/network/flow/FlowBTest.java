package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
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
      boolean minted =
          key.equals(JobFixture.key(100).verifyingKey())
              || key.equals(JobFixture.key(101).verifyingKey());
      assertThat(driver.wallet(key))
          .isEqualTo(minted ? TEN.plus(JobFixture.MONEY.fee()) : JobFixture.MONEY.fee());
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
}
