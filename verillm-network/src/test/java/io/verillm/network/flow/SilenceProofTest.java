package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.JobLog;
import io.verillm.network.fault.LogEntry;
import io.verillm.network.fault.LogExtract;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.Objection;
import io.verillm.network.message.Randomness;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Who answered is never proven silent, and who did not is, whatever it sent instead. */
class SilenceProofTest {
  private static final SigningKey SECOND_LOG = JobFixture.key(7);

  private final JobFixture job = new JobFixture(0, 3, 7, JobFixture.MONEY, List.of(JobFixture.LOG));
  private final JobFixture pair =
      new JobFixture(1, 3, 7, JobFixture.MONEY, List.of(JobFixture.LOG, SECOND_LOG));

  /** A message when a log received it. */
  private record Sent(long timeMillis, SignedMessage message) {}

  /** A job whose committee waits for the prover's rows, and what was sent until then. */
  private static final class Waiting {
    final JobFixture job;
    final FlowB flow;
    final JobDriver driver;
    final List<JobFixture.Member> members = new ArrayList<>();

    Waiting(JobFixture job) {
      this(job, JobFixture.CLIENT, 0);
    }

    /** Acknowledged by one party, which may say that it saw a round later than the newest. */
    Waiting(JobFixture job, SigningKey acknowledges, int later) {
      this.job = job;
      this.flow = FlowB.of(job.context);
      this.driver = new JobDriver(flow);
      driver.send(job.acceptance());
      driver.send(job.receiptMessage);
      driver.send(job.ack(acknowledges, JobFixture.SCHEDULE.roundAt(driver.time) + later));
      showRandomness();
      for (Seat seat : driver.state.seats(1)) {
        members.add(job.new Member(seat.key(), 1, 0, Vote.ACCEPT));
        driver.send(members.get(members.size() - 1).commitment());
      }
      showRandomness();
      for (JobFixture.Member member : members) {
        driver.send(member.reveal(driver.state.rows()));
      }
      assertThat(driver.state.phase()).isEqualTo(Phase.CHALLENGED);
    }

    private void showRandomness() {
      long round = flow.randomnessDue(driver.state).orElseThrow();
      driver.waitUntil(Math.max(driver.time, JobFixture.SCHEDULE.publishedAtMillis(round)));
      assertThat(driver.send(job.randomness(round)).refused()).isFalse();
    }

    JobState state() {
      return driver.state;
    }

    long deadline() {
      return state().deadlineMillis();
    }

    List<Sent> sent() {
      List<Sent> sent = new ArrayList<>();
      for (JobInput input : state().inputs()) {
        input.message().ifPresent(message -> sent.add(new Sent(input.timeMillis(), message)));
      }
      return sent;
    }

    List<Sent> sentAnd(Sent... more) {
      List<Sent> sent = sent();
      sent.addAll(Arrays.asList(more));
      return sent;
    }

    LogExtract log(SigningKey key, List<Sent> sent) {
      return log(key, sent, deadline() + 1);
    }

    LogExtract log(SigningKey key, List<Sent> sent, long headMillis) {
      JobLog log = new JobLog(job.context.job(), key, JobFixture.NETWORK);
      sent.stream()
          .sorted((a, b) -> Long.compare(a.timeMillis(), b.timeMillis()))
          .forEach(one -> log.append(one.message(), one.timeMillis()));
      return log.extract(headMillis);
    }

    boolean proven(Collection<Sent> shown, LogExtract... logs) {
      return proof(shown, logs).prove(flow).isPresent();
    }

    SilenceProof proof(Collection<Sent> shown, LogExtract... logs) {
      return new SilenceProof(
          JobFixture.START, shown.stream().map(Sent::message).toList(), List.of(logs));
    }

    /** One log with everything that was sent, and everything shown. */
    boolean proven(List<Sent> sent) {
      return proven(sent, log(JobFixture.LOG, sent));
    }

    /** Rows under the receipt's head, but one drawn row is not there. */
    SignedMessage incomplete() {
      SortedMap<Integer, List<Integer>> rows = new TreeMap<>(state().rows());
      int first = rows.firstKey();
      List<Integer> fewer = new ArrayList<>(rows.get(first));
      fewer.remove(0);
      if (fewer.isEmpty()) {
        rows.remove(first);
      } else {
        rows.put(first, fewer);
      }
      return new Fragments(job.context.job(), 1, JobFixture.open(job.proverTrace, rows))
          .sign(JobFixture.PROVER, JobFixture.NETWORK);
    }
  }

  @Test
  void prove_noAnswer_isProven() throws Exception {
    Waiting waiting = new Waiting(job);
    SilenceProof proof = waiting.proof(waiting.sent(), waiting.log(JobFixture.LOG, waiting.sent()));
    assertThat(proof.prove(waiting.flow)).isPresent();
    assertThat(SilenceProof.decode(proof.encode())).isEqualTo(proof);
    assertThat(SilenceProof.decode(proof.encode()).prove(waiting.flow)).isPresent();
  }

  @Test
  void prove_noReceipt_isProvenOnceItsDeadlineHasPassed() {
    FlowB flow = FlowB.of(job.context);
    JobDriver driver = new JobDriver(flow);
    driver.send(job.acceptance());
    long accepted = driver.time;
    for (long late : new long[] {0, 1}) {
      JobLog log = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
      log.append(job.acceptance(), accepted);
      SilenceProof proof =
          new SilenceProof(
              JobFixture.START,
              List.of(job.acceptance()),
              List.of(log.extract(driver.state.deadlineMillis() + late)));
      assertThat(proof.prove(flow).isPresent()).isEqualTo(late == 1);
    }
  }

  @Test
  void prove_nothingWasAccepted_isNotProven() {
    FlowB flow = FlowB.of(job.context);
    JobLog log = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
    log.append(job.receiptMessage, JobFixture.START + 5);
    long late = JobFixture.START + 10_000_000;
    assertThat(
            new SilenceProof(
                    JobFixture.START, List.of(job.receiptMessage), List.of(log.extract(late)))
                .prove(flow))
        .isEmpty();
    JobLog empty = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
    assertThat(
            new SilenceProof(JobFixture.START, List.of(), List.of(empty.extract(late))).prove(flow))
        .isEmpty();
  }

  @Test
  void prove_answeredUpToTheDeadline_isNotProven() {
    Waiting waiting = new Waiting(job);
    SignedMessage answer = job.fragments(waiting.state());
    for (long at : new long[] {waiting.driver.time, waiting.deadline()}) {
      assertThat(waiting.proven(waiting.sentAnd(new Sent(at, answer)))).isFalse();
    }
    assertThat(waiting.proven(waiting.sentAnd(new Sent(waiting.deadline() + 1, answer))))
        .as("an answer after the deadline")
        .isTrue();
  }

  @Test
  void prove_answeredBeforeTheLastReveal_isNotProven() {
    Waiting waiting = new Waiting(job);
    List<Sent> sent = waiting.sent();
    long drawn = sent.get(sent.size() - 4).timeMillis(); // three reveals follow
    SignedMessage answer = job.fragments(waiting.state());
    assertThat(waiting.proven(waiting.sentAnd(new Sent(drawn + 1, answer)))).isFalse();
    // Everybody can compute what is drawn once the beacon's round is out, before it is shown.
    assertThat(waiting.proven(waiting.sentAnd(new Sent(drawn - 1, answer))))
        .as("an answer that the machine did not wait for yet")
        .isFalse();
  }

  @Test
  void prove_answerWithoutADrawnRow_isProven() {
    Waiting waiting = new Waiting(job);
    SignedMessage incomplete = waiting.incomplete();
    assertThat(waiting.flow.receive(waiting.state(), incomplete, waiting.driver.time).effects())
        .hasSize(1)
        .first()
        .isInstanceOfSatisfying(
            Effect.Refused.class,
            refused -> assertThat(refused.why()).isEqualTo(Refusal.BAD_OPENING));
    assertThat(waiting.proven(waiting.sentAnd(new Sent(waiting.driver.time, incomplete)))).isTrue();
  }

  @Test
  void prove_answerThatIsNone_isProven() {
    Waiting waiting = new Waiting(job);
    SignedMessage noise =
        SignedMessage.sign(
            JobFixture.PROVER, MessageType.FRAGMENTS, new byte[] {1, 2}, JobFixture.NETWORK);
    SignedMessage otherRound =
        new Fragments(
                job.context.job(), 2, JobFixture.open(job.proverTrace, waiting.state().rows()))
            .sign(JobFixture.PROVER, JobFixture.NETWORK);
    SignedMessage otherJob = pair.fragments(waiting.state());
    for (SignedMessage message : List.of(noise, otherRound, otherJob)) {
      assertThat(waiting.proven(waiting.sentAnd(new Sent(waiting.driver.time, message)))).isTrue();
    }
  }

  @Test
  void prove_firstNoAnswerAndThenOne_isNotProven() {
    Waiting waiting = new Waiting(job);
    assertThat(
            waiting.proven(
                waiting.sentAnd(
                    new Sent(waiting.driver.time, waiting.incomplete()),
                    new Sent(waiting.deadline(), job.fragments(waiting.state())))))
        .isFalse();
  }

  @Test
  void prove_answerThatIsNotShown_isNotProven() {
    Waiting waiting = new Waiting(job);
    for (SignedMessage answer : List.of(waiting.incomplete(), job.fragments(waiting.state()))) {
      List<Sent> sent = waiting.sentAnd(new Sent(waiting.driver.time, answer));
      assertThat(waiting.proven(waiting.sent(), waiting.log(JobFixture.LOG, sent))).isFalse();
    }
  }

  @Test
  void prove_answerShownUnderAnotherSignature_isNotProven() throws Exception {
    Waiting waiting = new Waiting(job);
    SignedMessage answer = job.fragments(waiting.state());
    List<Sent> sent = waiting.sentAnd(new Sent(waiting.driver.time, answer));
    byte[] wire = answer.encode();
    wire[wire.length - 1] ^= 1;
    SignedMessage broken = SignedMessage.decode(wire);
    assertThat(broken.id()).isEqualTo(answer.id());
    assertThat(
            waiting.proven(
                waiting.sentAnd(new Sent(waiting.driver.time, broken)),
                waiting.log(JobFixture.LOG, sent)))
        .isFalse();
    SignedMessage stranger =
        SignedMessage.sign(
            JobFixture.STRANGER, MessageType.FRAGMENTS, answer.payload(), JobFixture.NETWORK);
    assertThat(
            waiting.proven(
                waiting.sentAnd(new Sent(waiting.driver.time, stranger)),
                waiting.log(JobFixture.LOG, sent)))
        .isFalse();
  }

  @Test
  void prove_anyMessageOfTheHistoryNotShownOrLeftOut_isNotProven() {
    Waiting waiting = new Waiting(job);
    List<Sent> sent = waiting.sent();
    LogExtract log = waiting.log(JobFixture.LOG, sent);
    for (int i = 0; i < sent.size(); i++) {
      List<Sent> without = new ArrayList<>(sent);
      without.remove(i);
      assertThat(waiting.proven(without, log)).as("message %d not shown", i).isFalse();
      List<LogEntry> entries = new ArrayList<>(log.entries());
      entries.remove(i);
      assertThat(waiting.proven(sent, new LogExtract(log.head(), entries)))
          .as("entry %d left out", i)
          .isFalse();
    }
  }

  @Test
  void prove_strayMessagesOfOthers_changeNothing() {
    Waiting waiting = new Waiting(job);
    long late = waiting.driver.time;
    SignedMessage again = waiting.sent().get(3).message();
    SignedMessage samePayload =
        SignedMessage.sign(JobFixture.WITNESS, again.type(), again.payload(), JobFixture.NETWORK);
    assertThat(samePayload.id()).isEqualTo(again.id());
    assertThat(
            waiting.proven(
                waiting.sentAnd(
                    new Sent(late, again),
                    new Sent(late, samePayload),
                    new Sent(late, pair.receiptMessage))))
        .isTrue();
  }

  @Test
  void prove_byAnotherLogAnotherHeadOrNoLog_isNotProven() {
    Waiting waiting = new Waiting(job);
    List<Sent> sent = waiting.sent();
    LogExtract log = waiting.log(JobFixture.LOG, sent);
    assertThat(waiting.proven(sent)).isTrue();
    assertThat(waiting.proven(sent, waiting.log(JobFixture.STRANGER, sent))).isFalse();
    assertThat(waiting.proven(sent)).isTrue();
    assertThat(waiting.proven(sent, new LogExtract[0])).isFalse();
    assertThat(waiting.proven(sent, log, log)).isFalse();
    assertThat(waiting.proven(sent, waiting.log(JobFixture.LOG, sent, waiting.deadline())))
        .as("a head at the deadline")
        .isFalse();
    JobLog ofAnother = new JobLog(pair.context.job(), JobFixture.LOG, JobFixture.NETWORK);
    sent.forEach(one -> ofAnother.append(one.message(), one.timeMillis()));
    assertThat(waiting.proven(sent, ofAnother.extract(waiting.deadline() + 1))).isFalse();
  }

  @Test
  void prove_startOfTheTermsAfterAnEntry_isNotProven() {
    Waiting waiting = new Waiting(job);
    List<Sent> sent = waiting.sent();
    LogExtract log = waiting.log(JobFixture.LOG, sent);
    List<SignedMessage> shown = sent.stream().map(Sent::message).toList();
    long first = sent.get(0).timeMillis();
    assertThat(new SilenceProof(first, shown, List.of(log)).prove(waiting.flow)).isPresent();
    assertThat(new SilenceProof(first + 1, shown, List.of(log)).prove(waiting.flow)).isEmpty();
    assertThat(new SilenceProof(0, shown, List.of(log)).prove(waiting.flow))
        .as("the acceptance came too late for such a start")
        .isEmpty();
  }

  @Test
  void prove_oneOfTwoLogsHasTheAnswer_isNotProven() {
    Waiting waiting = new Waiting(pair);
    List<Sent> sent = waiting.sent();
    List<Sent> answered =
        waiting.sentAnd(new Sent(waiting.driver.time, pair.fragments(waiting.state())));
    LogExtract[][] histories = {
      {waiting.log(JobFixture.LOG, sent), waiting.log(SECOND_LOG, answered)},
      {waiting.log(JobFixture.LOG, answered), waiting.log(SECOND_LOG, sent)},
    };
    for (LogExtract[] logs : histories) {
      assertThat(waiting.proven(answered, logs)).isFalse();
      assertThat(waiting.proven(sent, logs)).as("answer not shown").isFalse();
    }
    assertThat(
            waiting.proven(sent, waiting.log(JobFixture.LOG, sent), waiting.log(SECOND_LOG, sent)))
        .isTrue();
    assertThat(waiting.proven(sent, waiting.log(JobFixture.LOG, sent)))
        .as("one of two logs")
        .isFalse();
    assertThat(
            waiting.proven(
                sent,
                waiting.log(JobFixture.LOG, sent),
                waiting.log(SECOND_LOG, sent, waiting.deadline())))
        .as("the second head is too early")
        .isFalse();
  }

  @Test
  void prove_twoLogsOfOneHistoryAndAnIncompleteAnswer_isProven() {
    Waiting waiting = new Waiting(pair);
    Sent incomplete = new Sent(waiting.driver.time, waiting.incomplete());
    List<Sent> sent = waiting.sentAnd(incomplete);
    assertThat(
            waiting.proven(sent, waiting.log(JobFixture.LOG, sent), waiting.log(SECOND_LOG, sent)))
        .isTrue();
    assertThat(
            waiting.proven(
                sent, waiting.log(JobFixture.LOG, waiting.sent()), waiting.log(SECOND_LOG, sent)))
        .isTrue();
  }

  @Test
  void prove_logsOfDifferentHistories_anyAnswerCounts() {
    Waiting waiting = new Waiting(pair);
    List<Sent> sent = waiting.sent();
    Sent incomplete = new Sent(waiting.driver.time, waiting.incomplete());
    List<Predicate<SignedMessage>> missing =
        List.of(
            message -> message.type() == MessageType.ACK,
            message -> message.type() == MessageType.TERMS_ACCEPTANCE,
            message -> message.equals(lastRandomness(sent)));
    for (Predicate<SignedMessage> gap : missing) {
      List<Sent> other =
          sent.stream().filter(one -> !gap.test(one.message())).collect(toMutableList());
      assertThat(
              waiting.proven(
                  sent, waiting.log(JobFixture.LOG, sent), waiting.log(SECOND_LOG, other)))
          .as("no answer at all")
          .isTrue();
      other.add(incomplete);
      assertThat(
              waiting.proven(
                  waiting.sentAnd(incomplete),
                  waiting.log(JobFixture.LOG, sent),
                  waiting.log(SECOND_LOG, other)))
          .as("what the prover was asked for by that log nobody can say")
          .isFalse();
    }
  }

  @Test
  void prove_logsThatDrawDifferentRows_anyAnswerCounts() {
    Waiting waiting = new Waiting(pair);
    Waiting other = new Waiting(pair, JobFixture.WITNESS, 1);
    assertThat(other.state().rows()).isNotEqualTo(waiting.state().rows());
    List<Sent> shown = waiting.sentAnd(other.sent().toArray(new Sent[0]));
    long late = Math.max(waiting.deadline(), other.deadline()) + 1;
    LogExtract first = waiting.log(JobFixture.LOG, waiting.sent(), late);
    assertThat(waiting.proven(shown, first, waiting.log(SECOND_LOG, other.sent(), late)))
        .as("no answer at all")
        .isTrue();
    for (Waiting asked : List.of(waiting, other)) {
      Sent incomplete = new Sent(other.driver.time, asked.incomplete());
      shown.add(incomplete);
      assertThat(
              waiting.proven(
                  shown, first, waiting.log(SECOND_LOG, other.sentAnd(incomplete), late)))
          .isFalse();
    }
  }

  private static SignedMessage lastRandomness(List<Sent> sent) {
    return sent.stream()
        .map(Sent::message)
        .filter(message -> message.type() == MessageType.RANDOMNESS)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private static <T> java.util.stream.Collector<T, ?, List<T>> toMutableList() {
    return java.util.stream.Collectors.toCollection(ArrayList::new);
  }

  @Test
  void prove_entryAtATimeThatNoMachineTakes_isNotProvenAndThrowsNothing() {
    FlowB flow = FlowB.of(job.context);
    long late = JobFlow.LATEST_MILLIS + 1;
    JobLog log = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
    log.append(job.acceptance(), late);
    assertThat(
            new SilenceProof(
                    JobFixture.START, List.of(job.acceptance()), List.of(log.extract(late + 1)))
                .prove(flow))
        .isEmpty();
  }

  // ---- flow A

  /** A job that waits for its prover's opening, in flow A. */
  private static final class Challenged {
    final FlowA flow;
    final JobDriver driver;
    final SignedMessage challenge;
    final long seen;
    Adjudicator.Ruling ruling = Adjudicator.Ruling.UNDECIDED;

    Challenged(JobFixture job) {
      flow = FlowA.of(job.context, (files, objection) -> ruling);
      driver = new JobDriver(flow);
      driver.send(job.acceptance());
      driver.send(job.receiptMessage);
      seen = JobFixture.SCHEDULE.roundAt(driver.time);
      driver.send(job.ack(JobFixture.WITNESS, seen));
      driver.waitUntil(JobFixture.SCHEDULE.publishedAtMillis(seen + 2));
      challenge = job.challenge(seen);
      assertThat(driver.send(challenge).refused()).isFalse();
    }

    boolean proven(JobFixture job, SignedMessage... more) {
      JobLog log = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
      List<SignedMessage> shown = new ArrayList<>();
      long deadline = driver.state.deadlineMillis();
      for (JobInput input : driver.state.inputs()) {
        input
            .message()
            .ifPresent(
                message -> {
                  shown.add(message);
                  log.append(message, input.timeMillis());
                });
      }
      for (SignedMessage message : more) {
        shown.add(message);
        log.append(message, driver.time);
      }
      return new SilenceProof(JobFixture.START, shown, List.of(log.extract(deadline + 1)))
          .prove(flow)
          .isPresent();
    }
  }

  @Test
  void prove_challengeOfFlowA_openingOfItProtectsAndOfAnotherDoesNot() {
    Challenged waiting = new Challenged(job);
    SignedMessage opening = job.opening(waiting.challenge);
    assertThat(waiting.proven(job)).isTrue();
    assertThat(waiting.proven(job, opening)).isFalse();
    assertThat(waiting.proven(job, job.opening(job.challenge(waiting.seen + 1)))).isTrue();
    SignedMessage noise =
        SignedMessage.sign(
            JobFixture.PROVER, MessageType.OPENING, new byte[] {0}, JobFixture.NETWORK);
    assertThat(waiting.proven(job, noise)).isTrue();
    assertThat(waiting.proven(job, noise, opening)).isFalse();
  }

  @Test
  void prove_committeeThatAnObjectionLedTo_isNotProven() {
    Challenged waiting = new Challenged(job);
    JobDriver driver = waiting.driver;
    driver.send(job.opening(waiting.challenge));
    driver.send(
        new Objection(job.context.job(), new byte[] {1})
            .sign(JobFixture.key(100), JobFixture.NETWORK));
    showRandomness(waiting);
    for (Seat seat : driver.state.seats(1)) {
      driver.send(job.new Member(seat.key(), 1, 0, Vote.ACCEPT).commitment());
    }
    showRandomness(waiting);
    assertThat(waiting.flow.expected(driver.state))
        .anyMatch(expected -> expected.type() == MessageType.FRAGMENTS);
    assertThat(waiting.proven(job)).as("another adjudicator may have decided").isFalse();
  }

  private void showRandomness(Challenged waiting) {
    long round = waiting.flow.randomnessDue(waiting.driver.state).orElseThrow();
    waiting.driver.waitUntil(
        Math.max(waiting.driver.time, JobFixture.SCHEDULE.publishedAtMillis(round)));
    assertThat(waiting.driver.send(job.randomness(round)).refused()).isFalse();
  }

  // ---- bytes

  @Test
  void decode_orderVersionTimeAndTrailingBytes_areRefused() throws Exception {
    Waiting waiting = new Waiting(job);
    byte[] bytes =
        waiting.proof(waiting.sent(), waiting.log(JobFixture.LOG, waiting.sent())).encode();
    assertThat(SilenceProof.decode(bytes).encode()).isEqualTo(bytes);
    assertMalformed(Arrays.copyOf(bytes, bytes.length + 1));
    for (int length = 0; length < bytes.length; length += 97) {
      assertMalformed(Arrays.copyOf(bytes, length));
    }
    byte[] version = bytes.clone();
    version[1] = 1;
    assertMalformed(version);
    SignedMessage one = job.acceptance();
    SignedMessage two = job.receiptMessage;
    assertMalformed(twice(one, one));
    List<SignedMessage> wrongOrder =
        one.id().compareTo(two.id()) < 0 ? List.of(two, one) : List.of(one, two);
    assertMalformed(twice(wrongOrder.get(0), wrongOrder.get(1)));
    assertThat(SilenceProof.decode(twice(wrongOrder.get(1), wrongOrder.get(0)))).isNotNull();
    assertMalformed(
        new io.verillm.core.wire.CborWriter()
            .array(4)
            .unsigned(2)
            .unsigned((1L << 53) + 1)
            .array(0)
            .array(0)
            .toByteArray());
  }

  private static byte[] twice(SignedMessage first, SignedMessage second) {
    return new io.verillm.core.wire.CborWriter()
        .array(4)
        .unsigned(2)
        .unsigned(0)
        .array(2)
        .bytes(first.encode())
        .bytes(second.encode())
        .array(0)
        .toByteArray();
  }

  private static void assertMalformed(byte[] bytes) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SilenceProof.decode(bytes));
  }

  @Test
  void constructor_timesAndCountsOutOfRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SilenceProof(-1, List.of(), List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SilenceProof((1L << 53) + 1, List.of(), List.of()));
    Waiting waiting = new Waiting(job);
    LogExtract log = waiting.log(JobFixture.LOG, waiting.sent());
    List<LogExtract> many = java.util.Collections.nCopies(17, log);
    assertThatIllegalArgumentException().isThrownBy(() -> new SilenceProof(0, List.of(), many));
  }

  @Test
  void append_signatureThatDoesNotHold_isNotRecorded() {
    JobLog log = new JobLog(job.context.job(), JobFixture.LOG, JobFixture.NETWORK);
    SignedMessage otherNetwork =
        new Randomness(
                job.context.job(),
                io.verillm.core.challenge.VrfRandomness.evaluate(JobFixture.BEACON, 1))
            .sign(JobFixture.STRANGER, "another");
    assertThatIllegalArgumentException().isThrownBy(() -> log.append(otherNetwork, 1));
    assertThat(log.size()).isZero();
  }
}
