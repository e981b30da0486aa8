package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.network.committee.Seat;
import io.verillm.network.flow.Adjudicator.Ruling;
import io.verillm.network.message.Objection;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowATest {
  private static final Micros TEN = Micros.ofUnits(10);
  private static final SigningKey VERIFIER = JobFixture.key(100);

  private final JobFixture job = new JobFixture();
  private Ruling ruling = Ruling.DISMISSED;
  private final FlowA flow = FlowA.of(job.context, (files, objection) -> ruling);
  private final JobDriver driver = new JobDriver(flow);

  private SignedMessage untilOpened() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    long seen = JobFixture.SCHEDULE.roundAt(driver.time);
    driver.send(job.ack(JobFixture.WITNESS, seen));
    driver.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(seen + 2));
    SignedMessage challenge = job.challenge(seen);
    assertThat(driver.send(challenge).refused()).isFalse();
    assertThat(driver.send(job.opening(challenge)).refused()).isFalse();
    assertThat(driver.state.phase()).isEqualTo(Phase.OPENED);
    return challenge;
  }

  private SignedMessage objection(SigningKey by) {
    return new Objection(job.context.job(), new byte[] {1}).sign(by, "test");
  }

  @Test
  void flow_nobodyObjects_proverIsPaidWhenTheWindowCloses() {
    untilOpened();
    assertThat(driver.state.outcome()).isEmpty();
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.plus(JobFixture.MONEY.pay()));
    assertThat(driver.wallet(job.context.client())).isEqualTo(TEN.minus(JobFixture.MONEY.pay()));
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void flow_oneHonestVerifier_suffices() {
    untilOpened();
    ruling = Ruling.UPHELD;
    driver.send(objection(VERIFIER));
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    assertThat(driver.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void flow_lyingVerifier_losesItsBondAndProverIsPaid() {
    untilOpened();
    driver.send(objection(VERIFIER));
    assertThat(driver.wallet(VERIFIER.verifyingKey()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
    assertThat(driver.money.balance(Account.TREASURY)).isEqualTo(JobFixture.MONEY.bond());
    assertThat(driver.send(objection(VERIFIER)).refused()).isTrue();
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
  }

  // ---- what the adjudicator cannot decide

  private void showRandomness() {
    long round = flow.randomnessDue(driver.state).orElseThrow();
    driver.waitUntil(Math.max(driver.time, JobFixture.SCHEDULE.publishedAtMillis(round)));
    assertThat(driver.send(job.randomness(round)).refused()).isFalse();
  }

  private void escalate() {
    untilOpened();
    ruling = Ruling.UNDECIDED;
    assertThat(driver.send(objection(VERIFIER)).refused()).isFalse();
    assertThat(driver.state.phase()).isEqualTo(Phase.DISPUTED);
    assertThat(driver.wallet(VERIFIER.verifyingKey()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
  }

  /** A committee of three that computed with a model and votes so. */
  private List<JobFixture.Member> committee(int model, Vote vote, boolean proverOpens) {
    showRandomness();
    List<JobFixture.Member> members = new ArrayList<>();
    for (Seat seat : driver.state.seats(1)) {
      members.add(job.new Member(seat.key(), 1, model, vote));
      assertThat(driver.send(members.get(members.size() - 1).commitment()).refused()).isFalse();
    }
    showRandomness();
    if (proverOpens) {
      assertThat(driver.send(job.fragments(driver.state)).refused()).isFalse();
    }
    for (JobFixture.Member member : members) {
      assertThat(driver.send(member.reveal(driver.state.rows())).refused()).isFalse();
    }
    return members;
  }

  @Test
  void escalation_committeeAccepts_objectorPaysTheCommitteeFromItsBond() {
    escalate();
    List<JobFixture.Member> members = committee(0, Vote.ACCEPT, true);
    assertThat(driver.state.outcome()).contains(Outcome.ACCEPTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN.plus(JobFixture.MONEY.pay()));
    assertThat(driver.wallet(VERIFIER.verifyingKey()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.bond()));
    for (JobFixture.Member member : members) {
      assertThat(driver.wallet(member.key.verifyingKey()))
          .isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    }
    assertThat(driver.wallet(job.context.client())).isEqualTo(TEN.minus(JobFixture.MONEY.pay()));
    assertThat(driver.money.balance(Account.TREASURY))
        .isEqualTo(JobFixture.MONEY.bond().minus(JobFixture.MONEY.fee().times(3)));
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void escalation_committeeFindsOtherRows_objectorIsPaidAndTheProverIsNot() {
    escalate();
    committee(9, Vote.ACCEPT, true);
    assertThat(driver.state.outcome()).contains(Outcome.REJECTED);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    assertThat(driver.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN.plus(JobFixture.MONEY.fee()));
    assertThat(driver.wallet(job.context.client()))
        .isEqualTo(TEN.minus(JobFixture.MONEY.fee().times(4)));
    assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
    assertThat(driver.all(Effect.Fault.class)).as("a committee's word is no proof").isEmpty();
    assertThat(driver.all(Effect.Reading.class)).hasSize(1);
  }

  @Test
  void escalation_committeeUndecidedOrAbsent_isNobodysFault() {
    escalate();
    committee(0, Vote.UNDECIDED, true);
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(driver.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);

    JobDriver absent = new JobDriver(flow);
    absent.send(job.acceptance());
    absent.send(job.receiptMessage);
    long seen = JobFixture.SCHEDULE.roundAt(absent.time);
    absent.send(job.ack(JobFixture.WITNESS, seen));
    absent.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(seen + 2));
    SignedMessage challenge = job.challenge(seen);
    absent.send(challenge);
    absent.send(job.opening(challenge));
    absent.send(objection(VERIFIER));
    assertThat(absent.state.phase()).isEqualTo(Phase.DISPUTED);
    while (!absent.state.phase().isOver()) {
      absent.pastDeadline();
    }
    assertThat(absent.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(absent.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN);
    assertThat(absent.wallet(job.context.client())).isEqualTo(TEN);
    assertThat(absent.escrow()).isEqualTo(Micros.ZERO);
  }

  @Test
  void escalation_proverStaysSilent_isNotPaidAndTheBondGoesBack() {
    escalate();
    committee(0, Vote.ACCEPT, false);
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.SILENT);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    assertThat(driver.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN);
  }

  @Test
  void escalation_objectorAndParties_neverSit() {
    for (int nonce = 0; nonce < 30; nonce++) {
      JobFixture other = new JobFixture(nonce, 7, 9);
      FlowA machine = FlowA.of(other.context, (files, objection) -> Ruling.UNDECIDED);
      JobDriver one = new JobDriver(machine);
      one.send(other.acceptance());
      one.send(other.receiptMessage);
      long seen = JobFixture.SCHEDULE.roundAt(one.time);
      one.send(other.ack(JobFixture.WITNESS, seen));
      one.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(seen + 2));
      SignedMessage challenge = other.challenge(seen);
      one.send(challenge);
      one.send(other.opening(challenge));
      one.send(new Objection(other.context.job(), new byte[0]).sign(VERIFIER, "test"));
      long round = machine.randomnessDue(one.state).orElseThrow();
      one.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(round));
      one.send(other.randomness(round));
      assertThat(one.state.seats(1)).hasSize(7);
      assertThat(one.state.seats(1).stream().map(Seat::owner)).doesNotContain("owner-0", "prover");
    }
  }

  @Test
  void escalation_messagesOutOfTurn_areRefused() {
    untilOpened();
    assertThat(
            driver.send(job.randomness(JobFixture.SCHEDULE.decidingRound(driver.time))).refused())
        .as("no committee was asked for")
        .isTrue();
    ruling = Ruling.UNDECIDED;
    driver.send(objection(VERIFIER));
    assertThat(driver.send(objection(JobFixture.CLIENT)).refused()).as("one is enough").isTrue();
    long due = flow.randomnessDue(driver.state).orElseThrow();
    assertThat(driver.send(job.randomness(due - 1)).refused()).as("an earlier round").isTrue();
    assertThat(driver.send(job.randomness(due + 1)).refused()).as("a later round").isTrue();
    JobFixture.Member stranger =
        job.new Member(JobFixture.key(101).verifyingKey(), 1, 0, Vote.ACCEPT);
    assertThat(driver.send(stranger.commitment()).refused()).as("before seats").isTrue();
  }

  @Test
  void objection_byProverOrStranger_isRefused() {
    untilOpened();
    ruling = Ruling.UPHELD;
    assertThat(driver.send(objection(JobFixture.PROVER)).refused()).isTrue();
    assertThat(driver.send(objection(JobFixture.STRANGER)).refused()).isTrue();
    assertThat(driver.state.phase()).isEqualTo(Phase.OPENED);
  }

  @Test
  void challenge_ofAnotherRoundOrByTheProver_isRefused() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    long seen = JobFixture.SCHEDULE.roundAt(driver.time);
    assertThat(driver.send(job.challenge(seen)).refused()).as("before the ack").isTrue();
    driver.send(job.ack(JobFixture.CLIENT, seen));
    assertThat(driver.send(job.challenge(seen + 1)).refused()).as("another ack").isTrue();
    SignedMessage challenge = job.challenge(seen);
    SignedMessage own =
        SignedMessage.sign(JobFixture.PROVER, challenge.type(), challenge.payload(), "test");
    assertThat(driver.send(own).refused()).as("by the prover").isTrue();
    assertThat(driver.send(challenge).refused()).isFalse();
  }

  @Test
  void flow_proverStaysSilent_clientIsRefunded() {
    driver.send(job.acceptance());
    driver.send(job.receiptMessage);
    long seen = JobFixture.SCHEDULE.roundAt(driver.time);
    driver.send(job.ack(JobFixture.CLIENT, seen));
    driver.send(job.challenge(seen));
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.SILENT);
    assertThat(driver.all(Effect.Missed.class)).hasSize(1);
    assertThat(driver.wallet(job.context.client())).isEqualTo(TEN);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
  }
}
