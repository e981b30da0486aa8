package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.HardenedTerms;
import io.verillm.incentives.pool.PoolTerms;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.FaultJudge;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Objection;
import io.verillm.network.message.StageReport;
import io.verillm.network.message.StageRequest;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages in random order, twice, dropped, of stale rounds, of other jobs, with hostile bytes and
 * with jumping clocks, to every machine. Money is conserved and ends outside the escrow, the states
 * replay, honest parties are accused of nothing, and no exception escapes.
 */
class HostileMessagesTest {
  private static final int RUNS = 12;
  private static final int STEPS = 160;
  private static final PoolTerms POOL =
      new PoolTerms(Rational.parse("1.2"), Rational.of(10), Micros.of(100_000), Micros.of(10_000));

  record Machine(String name, Function<JobFixture, JobFlow> of) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Machine> machines() {
    return Stream.of(
        new Machine("A", j -> FlowA.of(j.context, (f, o) -> Adjudicator.Ruling.UNDECIDED)),
        new Machine("A lying", j -> FlowA.of(j.context, (f, o) -> Adjudicator.Ruling.DISMISSED)),
        new Machine("B", j -> FlowB.of(j.context)),
        new Machine("published", j -> PublishedStages.of(j.context, POOL, 3)),
        new Machine(
            "hardened", j -> HardenedStages.of(j.context, HardenedTerms.withDefaults(POOL, 3))));
  }

  @ParameterizedTest
  @MethodSource("machines")
  void machine_hostileMessages_conservesMoneyAndAccusesNobody(Machine machine) {
    JobFixture job = new JobFixture();
    JobFixture other = new JobFixture(1, 3, 7);
    FaultJudge judge = new FaultJudge("test", order -> Optional.of(JobFixture.LAYOUT));
    int decided = 0;
    for (int run = 0; run < RUNS; run++) {
      Random random = new Random(20260200 + run);
      JobDriver driver = new JobDriver(machine.of().apply(job));
      long inside = driver.inside();
      List<SignedMessage> seen = new ArrayList<>();
      for (int step = 0; step < STEPS && !driver.state.phase().isOver(); step++) {
        SignedMessage message = next(random, driver, random.nextInt(8) == 0 ? other : job, seen);
        if (random.nextInt(40) == 0) {
          driver.waitUntil(driver.time + random.nextInt(90_000));
        }
        seen.add(message);
        driver.send(message);
        assertThat(driver.inside()).isEqualTo(inside);
        driver
            .money
            .balances()
            .forEach(
                (account, amount) -> {
                  if (!account.equals(io.verillm.incentives.money.Account.OUTSIDE)) {
                    assertThat(amount.isNegative()).as("%s", account).isFalse();
                  }
                });
      }
      while (!driver.state.phase().isOver()) {
        driver.pastDeadline();
      }
      boolean hasVerdict =
          List.of(Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNDECIDED)
              .contains(driver.state.outcome().orElseThrow());
      decided += hasVerdict ? 1 : 0;
      assertThat(driver.escrow()).isEqualTo(Micros.ZERO);
      assertThat(driver.inside()).isEqualTo(inside);
      // Everybody signs one thing per slot here, so nothing may be provable against anybody.
      for (Effect.Fault fault : driver.all(Effect.Fault.class)) {
        assertThat(judge.prove(fault.evidence())).as("%s", fault).isEmpty();
      }
    }
    // The messages are not so hostile that nothing is ever decided.
    assertThat(decided).isPositive();
  }

  private static SignedMessage next(
      Random random, JobDriver driver, JobFixture job, List<SignedMessage> seen) {
    int pick = random.nextInt(16);
    long round = JobFixture.SCHEDULE.roundAt(driver.time);
    return switch (pick) {
      case 0 -> seen.isEmpty() ? job.acceptance() : seen.get(random.nextInt(seen.size()));
      case 1 -> garbage(random, job);
      case 2 -> job.acceptance();
      case 3 -> job.receiptMessage;
      case 4 -> firstAck(seen, job, round);
      case 5 -> job.randomness(round + random.nextInt(6) - 2);
      case 6, 7, 8 -> job.randomness(due(driver, round));
      case 9 -> new Dispute(job.context.job()).sign(JobFixture.PROVER, "test");
      case 10 -> new Objection(job.context.job(), new byte[] {1}).sign(JobFixture.key(101), "test");
      case 11 -> new StageRequest(job.context.job()).sign(JobFixture.CLIENT, "test");
      case 12 ->
          driver.state.ack().isPresent()
              ? job.challenge(driver.state.ack().get().roundSeen())
              : job.challenge(round);
      default -> member(random, driver, job);
    };
  }

  private static SignedMessage firstAck(List<SignedMessage> seen, JobFixture job, long round) {
    return seen.stream()
        .filter(message -> message.type() == MessageType.ACK)
        .filter(message -> message.signer().equals(JobFixture.CLIENT.verifyingKey()))
        .filter(message -> message.equals(job.ack(JobFixture.CLIENT, roundOf(message))))
        .findFirst()
        .orElseGet(() -> job.ack(JobFixture.CLIENT, round));
  }

  private static long roundOf(SignedMessage ack) {
    try {
      return io.verillm.core.receipt.ReceiptAck.decode(ack.payload()).roundSeen();
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  private static long due(JobDriver driver, long otherwise) {
    if (driver.flow instanceof FlowB flow) {
      return flow.randomnessDue(driver.state).orElse(otherwise);
    }
    return driver.flow instanceof StagedFlow flow
        ? flow.randomnessDue(driver.state).orElse(otherwise)
        : otherwise;
  }

  /** What a seat would honestly send now, or the prover's rows. */
  private static SignedMessage member(Random random, JobDriver driver, JobFixture job) {
    SignedMessage challenge = driver.state.data().challengeMessage;
    if (challenge != null && job.context.job().equals(driver.flow.context().job())) {
      return job.opening(challenge);
    }
    int round = driver.state.round();
    List<Seat> seats = driver.state.seats(round);
    if (seats.isEmpty()) {
      return job.receiptMessage;
    }
    Seat seat = seats.get(random.nextInt(seats.size()));
    Vote vote = seat.owner().hashCode() % 3 == 0 ? Vote.REJECT : Vote.ACCEPT;
    JobFixture.Member member = job.new Member(seat.key(), round, 0, vote);
    boolean open = !driver.state.rows().isEmpty();
    if (driver.flow instanceof PublishedStages) {
      int stage =
          1 + (int) driver.state.inputs().stream().filter(HostileMessagesTest::isReport).count();
      SigningKey key = job.keys.get(seat.key());
      return new StageReport(
              job.context.job(), stage, vote == Vote.ACCEPT, JobFixture.digest(seat.owner()))
          .sign(key, "test");
    }
    if (driver.flow instanceof HardenedStages) {
      return random.nextBoolean()
          ? member.commitment()
          : new io.verillm.network.message.Reveal(
                  job.context.job(), round, member.finding(), Optional.empty())
              .sign(member.key, "test");
    }
    if (open && random.nextInt(4) == 0) {
      return job.fragments(driver.state);
    }
    return open && random.nextBoolean() ? member.reveal(driver.state.rows()) : member.commitment();
  }

  private static boolean isReport(JobInput input) {
    return input.message().isPresent() && input.message().get().type() == MessageType.STAGE_REPORT;
  }

  /** A signed message of any type whose payload is damaged or made up. */
  private static SignedMessage garbage(Random random, JobFixture job) {
    MessageType[] types = MessageType.values();
    byte[] payload;
    if (random.nextBoolean()) {
      payload = new byte[random.nextInt(60)];
      random.nextBytes(payload);
    } else {
      payload = job.receiptMessage.payload();
      payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
      return SignedMessage.sign(
          JobFixture.STRANGER, types[random.nextInt(types.length)], payload, "test");
    }
    SigningKey signer = random.nextBoolean() ? JobFixture.PROVER : JobFixture.key(101);
    return SignedMessage.sign(signer, types[random.nextInt(types.length)], payload, "test");
  }
}
