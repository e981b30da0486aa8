package io.verillm.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The second round of a job whose prover shows sketches: what comes in which order, signed by whom.
 */
class SketchRoundTest {
  private static final TraceProfile KV = TraceProfile.keysAndValues(DType.F32);
  private static final int OUTPUTS = 4;

  /** A job whose parts a test changes before it is signed. */
  private static final class Round {
    final JobFixture job = new JobFixture();
    SigningKey sketcher = JobFixture.PROVER;
    SigningKey ackSigner = JobFixture.CLIENT;
    SigningKey spotSigner = JobFixture.VERIFIER;
    SigningKey beacon = JobFixture.BEACON;
    int extraRows;
    long seen = 43;
    int spots = 2;
    double tenthMayBeMissed = 0.9;
    Optional<Digest32> sketchedChallenge = Optional.empty();
    Optional<Digest32> acknowledged = Optional.empty();
    UnaryOperator<SpotChallenge> changeSpots = UnaryOperator.identity();
    UnaryOperator<SortedMap<Integer, List<Integer>>> changeOpened = UnaryOperator.identity();
    boolean judgesSketches = true;
    final AtomicReference<ReplaySubject> subject = new AtomicReference<>();

    private Submission files;

    Round() {
      job.profile = KV;
      job.order = Changed.with(job.order, "profile", KV.digest());
      job.plan = new ChallengePlan(6, 1, Optional.of(new CellRule(50, 100, List.of())));
    }

    Round make() throws Exception {
      job.make();
      Receipt receipt = Receipt.decode(SignedMessage.decode(job.receiptBytes).payload());
      Challenge challenge = Challenge.decode(SignedMessage.decode(job.challengeBytes).payload());
      VrfRandomness source = new VrfRandomness(JobFixture.BEACON.verifyingKey());
      TraceLayout layout = TraceLayout.of(job.profile, JobFixture.DIMENSIONS);
      SortedMap<Integer, List<Integer>> drawn =
          challenge.draw(
              source.check(challenge.randomness()).orElseThrow(),
              layout,
              receipt.promptTokens() + receipt.outputTokens() - 1);
      int rows = drawn.values().stream().mapToInt(List::size).sum() + extraRows;
      Sketches sketches =
          new Sketches(
              sketchedChallenge.orElse(challenge.digest()), OUTPUTS, new byte[2 * OUTPUTS * rows]);
      ReceiptAck ack =
          new ReceiptAck(
              acknowledged.orElse(sketches.digest()),
              new VrfRandomness(beacon.verifyingKey()).id(),
              seen);
      RandomnessValue value = VrfRandomness.evaluate(beacon, ack.challengeRound());
      SpotChallenge second =
          changeSpots.apply(new SpotChallenge(sketches.digest(), ack.digest(), value, spots));
      SortedMap<Integer, List<Integer>> opened =
          changeOpened.apply(
              new TreeMap<>(
                  sketches.spots(
                      new VrfRandomness(beacon.verifyingKey()).check(value).orElseThrow(),
                      drawn,
                      spots)));
      Opening first = Opening.decode(SignedMessage.decode(job.openingBytes).payload());
      Opening answer =
          new Opening(
              receipt.digest(),
              second.digest(),
              first.answer(),
              TraceOpening.open(job.trace, opened));
      job.openingBytes = answer.sign(JobFixture.PROVER, JobFixture.NETWORK).encode();
      files =
          job.submission()
              .withSketches(
                  Optional.of(sketches.sign(sketcher, JobFixture.NETWORK).encode()),
                  Optional.of(ack.sign(ackSigner, JobFixture.NETWORK).encode()),
                  Optional.of(second.sign(spotSigner, JobFixture.NETWORK).encode()));
      return this;
    }

    Verdict judge() {
      return judge(files);
    }

    Verdict judge(Submission submission) {
      List<CheckResult> results =
          new ArrayList<>(
              List.of(
                  new CheckResult.Held(CheckName.ACTIVATIONS, "agree"),
                  new CheckResult.Held(CheckName.TOKENS, "agree")));
      if (judgesSketches) {
        results.add(new CheckResult.Held(CheckName.CACHE, "agree"));
      }
      return ReceiptVerifier.of(
              JobFixture.policy()
                  .knowProfile(KV)
                  .largestMiss(Deviation.TENTH_OF_TOKENS, tenthMayBeMissed)
                  .build())
          .withReplay(
              JobFixture.replay(
                  given -> {
                    subject.set(given);
                    return new ReplayCheck.Replay(
                        results, List.of(), given.output().size(), List.of("fixture"));
                  }))
          .verify(submission);
    }
  }

  private static void assertRejected(Verdict verdict, Reason reason, boolean attributable) {
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) verdict).reason()).isEqualTo(reason);
    assertThat(verdict.findings().attributable()).isEqualTo(attributable);
  }

  private static void assertInconclusive(Verdict verdict, Shortfall shortfall, String why) {
    assertThat(verdict).isInstanceOf(Verdict.Inconclusive.class);
    assertThat(((Verdict.Inconclusive) verdict).shortfall()).isEqualTo(shortfall);
    assertThat(verdict.findings().decisive()).contains(why);
  }

  @Test
  void verify_bothRounds_areAcceptedAndTheCheckGetsSketchesSpotsAndDraw() throws Exception {
    Round round = new Round().make();
    Verdict verdict = round.judge();
    assertThat(verdict).as(verdict.findings().decisive()).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().standing()).isEqualTo(Standing.PUBLIC);
    assertThat(verdict.findings().checks().toString())
        .contains("2 of 6 sketched positions are opened, drawn from round 45");
    DrawnRows drawn = round.subject.get().drawn();
    assertThat(drawn.rows()).hasSize(6);
    assertThat(drawn.plan()).isEqualTo(round.job.plan);
    assertThat(drawn.shown().orElseThrow().spots()).hasSize(2);
    assertThat(drawn.rows()).containsAllEntriesOf(drawn.shown().orElseThrow().spots());
    assertThat(round.subject.get().opened().entries()).hasSize(2);
    Coverage coverage = verdict.findings().coverage();
    assertThat(coverage.positionsOpened()).isEqualTo(2);
    assertThat(coverage.cellsOpened()).isEqualTo(4);
    assertThat(coverage.missProbability().get(Deviation.EVERY_TOKEN)).isZero();
    assertThat(coverage.missProbability().get(Deviation.TENTH_OF_TOKENS)).isGreaterThan(0.5);
  }

  /**
   * Whoever computes honestly only once it is challenged has right sketches of rows that it never
   * committed to: sketches cover nothing, and a policy is told so.
   */
  @Test
  void verify_policyThatAsksForMoreThanTheSpotsShow_isNotSatisfiedBySketches() throws Exception {
    double usual = JobFixture.policy().build().largestMiss().get(Deviation.TENTH_OF_TOKENS);
    Round few = new Round();
    few.tenthMayBeMissed = usual;
    assertInconclusive(
        few.make().judge(), Shortfall.COVERAGE, "of sketched rows only the spots are opened");
    Round whole = new Round();
    whole.tenthMayBeMissed = usual;
    whole.spots = 6;
    Verdict verdict = whole.make().judge();
    assertThat(verdict).as(verdict.findings().decisive()).isInstanceOf(Verdict.Accepted.class);
  }

  /** A verifier that reads only the spots has looked at two positions, not at six. */
  @Test
  void verify_nobodyJudgesSketches_abstains() throws Exception {
    Round round = new Round().make();
    round.judgesSketches = false;
    Verdict verdict = round.judge();
    assertThat(verdict).isInstanceOf(Verdict.Abstained.class);
    assertThat(verdict.findings().decisive()).contains("nothing here judges sketches");
  }

  @Test
  void verify_noSecondRound_isNotEnough() throws Exception {
    Round round = new Round().make();
    Submission files = round.files;
    for (Submission without :
        List.of(
            files.withSketches(files.sketches(), Optional.empty(), files.spots()),
            files.withSketches(files.sketches(), files.sketchAck(), Optional.empty()))) {
      assertInconclusive(round.judge(without), Shortfall.NO_CHALLENGE, "no spots drawn");
    }
    // Without the sketches the opening answers a challenge that is not here.
    assertInconclusive(
        round.judge(files.withSketches(Optional.empty(), files.sketchAck(), files.spots())),
        Shortfall.NO_OPENING,
        "another challenge");
  }

  @Test
  void verify_sketchesThatAreNotTheProvers_areRejectedAndNotHeldAgainstTheKey() throws Exception {
    Round round = new Round();
    round.sketcher = JobFixture.STRANGER;
    assertRejected(round.make().judge(), Reason.BAD_SIGNATURE, false);
    Submission files = new Round().make().files;
    Submission junk =
        files.withSketches(Optional.of(new byte[] {1}), files.sketchAck(), files.spots());
    assertRejected(new Round().judge(junk), Reason.MALFORMED, false);
    byte[] unreadable =
        SignedMessage.sign(
                JobFixture.PROVER, MessageType.SKETCHES, new byte[] {1}, JobFixture.NETWORK)
            .encode();
    assertRejected(
        new Round()
            .judge(files.withSketches(Optional.of(unreadable), files.sketchAck(), files.spots())),
        Reason.MALFORMED,
        false);
  }

  @Test
  void verify_sketchesOfAnotherChallenge_areNotHeldAgainstTheProver() throws Exception {
    Round round = new Round();
    round.sketchedChallenge = Optional.of(JobFixture.digest("another"));
    assertInconclusive(round.make().judge(), Shortfall.NO_OPENING, "another challenge");
  }

  @Test
  void verify_aSketchTooFewOrTooMany_isIncomplete() throws Exception {
    for (int extra : new int[] {-1, 1}) {
      Round round = new Round();
      round.extraRows = extra;
      assertRejected(round.make().judge(), Reason.OPENING_INCOMPLETE, true);
    }
  }

  /** Rows of other kinds would be neither sketched nor opened. */
  @Test
  void verify_sketchesWhereOtherRowsWereDrawn_areIncomplete() throws Exception {
    Round round = new Round();
    round.job.profile = JobFixture.PROFILE;
    round.job.order = Changed.with(round.job.order, "profile", JobFixture.PROFILE.digest());
    assertRejected(round.make().judge(), Reason.OPENING_INCOMPLETE, true);
  }

  @Test
  void verify_ackByTheProverOrOfOtherSketches_isInvalid() throws Exception {
    for (SigningKey signer : List.of(JobFixture.PROVER, JobFixture.STRANGER)) {
      Round round = new Round();
      round.ackSigner = signer;
      assertInconclusive(round.make().judge(), Shortfall.ACK_INVALID, "not signed by the client");
    }
    Round round = new Round();
    round.acknowledged = Optional.of(JobFixture.digest("another"));
    assertInconclusive(round.make().judge(), Shortfall.ACK_INVALID, "other sketches");
    // The ack of the receipt is no ack of the sketches.
    Submission files = new Round().make().files;
    assertInconclusive(
        new Round().judge(files.withSketches(files.sketches(), files.ack(), files.spots())),
        Shortfall.ACK_INVALID,
        "other sketches");
  }

  /** The prover knew round 43 when it sketched; spots of round 43 or 44 could have been known. */
  @Test
  void verify_spotsOfARoundThatTheProverCouldKnow_areInvalid() throws Exception {
    for (long seen : new long[] {0, 41, 42}) {
      Round round = new Round();
      round.seen = seen;
      assertInconclusive(
          round.make().judge(), Shortfall.CHALLENGE_INVALID, "the sketches follow from round 43");
    }
  }

  @Test
  void verify_spotsByOtherRandomness_areInvalid() throws Exception {
    Round another = new Round();
    another.changeSpots =
        s ->
            new SpotChallenge(
                s.sketches(),
                s.ack(),
                VrfRandomness.evaluate(JobFixture.BEACON, s.randomness().round() + 1),
                s.spots());
    assertInconclusive(another.make().judge(), Shortfall.CHALLENGE_INVALID, "allows only 45");
    Round broken = new Round();
    broken.changeSpots =
        s ->
            new SpotChallenge(
                s.sketches(),
                s.ack(),
                new RandomnessValue(s.randomness().source(), s.randomness().round(), new byte[80]),
                s.spots());
    assertInconclusive(broken.make().judge(), Shortfall.CHALLENGE_INVALID, "does not hold");
    Round unknown = new Round();
    unknown.beacon = JobFixture.STRANGER;
    assertInconclusive(unknown.make().judge(), Shortfall.CHALLENGE_INVALID, "of another source");
  }

  @Test
  void verify_spotsByTheProverOrOfSomethingElse_areInvalid() throws Exception {
    Round own = new Round();
    own.spotSigner = JobFixture.PROVER;
    assertInconclusive(own.make().judge(), Shortfall.CHALLENGE_INVALID, "other than the prover's");
    Round sketches = new Round();
    sketches.changeSpots =
        s -> new SpotChallenge(JobFixture.digest("x"), s.ack(), s.randomness(), s.spots());
    assertInconclusive(sketches.make().judge(), Shortfall.CHALLENGE_INVALID, "other sketches");
    Round ack = new Round();
    ack.changeSpots =
        s -> new SpotChallenge(s.sketches(), JobFixture.digest("x"), s.randomness(), s.spots());
    assertInconclusive(ack.make().judge(), Shortfall.CHALLENGE_INVALID, "another ack");
    Submission files = new Round().make().files;
    assertInconclusive(
        new Round().judge(files.withSketches(files.sketches(), files.sketchAck(), files.ack())),
        Shortfall.CHALLENGE_INVALID,
        "the spots");
  }

  @Test
  void verify_spotLeftOutOrAnotherOpened_isIncomplete() throws Exception {
    Round fewer = new Round();
    fewer.changeOpened =
        spots -> {
          spots.remove(spots.firstKey());
          return spots;
        };
    Verdict missing = fewer.make().judge();
    assertRejected(missing, Reason.OPENING_INCOMPLETE, true);
    assertThat(missing.findings().decisive()).contains("leaves out");
    Round elsewhere = new Round();
    elsewhere.changeOpened =
        spots -> {
          for (int position = 0; position < 7; position++) {
            if (!spots.containsKey(position)) {
              spots.put(position, List.of(0));
              return spots;
            }
          }
          throw new AssertionError("all positions are spots");
        };
    Verdict added = elsewhere.make().judge();
    assertRejected(added, Reason.OPENING_INCOMPLETE, true);
    assertThat(added.findings().decisive()).contains("adds position");
    Round row = new Round();
    row.changeOpened =
        spots -> {
          Map.Entry<Integer, List<Integer>> first = spots.entrySet().iterator().next();
          first.setValue(first.getValue().subList(0, 1));
          return spots;
        };
    assertRejected(row.make().judge(), Reason.OPENING_INCOMPLETE, true);
  }

  @Test
  void messages_outOfRange_areRefused() {
    Digest32 one = JobFixture.digest("one");
    RandomnessValue value = VrfRandomness.evaluate(JobFixture.BEACON, 5);
    for (int spots : new int[] {-1, 0, SpotChallenge.MAX_SPOTS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new SpotChallenge(one, one, value, spots));
    }
    for (int[] bad : new int[][] {{0, 8}, {65, 130}, {4, 7}, {4, 12}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Sketches(one, bad[0], new byte[bad[1]]));
    }
  }
}
