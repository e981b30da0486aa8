package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.network.flow.Adjudicator.Ruling;
import io.verillm.network.message.Objection;
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

  @Test
  void flow_objectionThatNobodyCanDecide_isNobodysFault() {
    untilOpened();
    ruling = Ruling.UNDECIDED;
    driver.send(objection(VERIFIER));
    driver.pastDeadline();
    assertThat(driver.state.outcome()).contains(Outcome.UNDECIDED);
    assertThat(driver.wallet(VERIFIER.verifyingKey())).isEqualTo(TEN);
    assertThat(driver.wallet(job.context.prover())).isEqualTo(TEN);
    assertThat(driver.wallet(job.context.client())).isEqualTo(TEN);
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
