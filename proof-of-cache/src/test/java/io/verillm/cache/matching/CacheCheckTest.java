package io.verillm.cache.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.DrawStream;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.stats.calibration.Power;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the cache check says, and above all what it never says. */
class CacheCheckTest {
  private static final double ALPHA = 1e-5;
  private static final double BORDERLINE = 1e-3;
  private static final int ROWS = 32;
  private static final double HONEST_NOISE = 0.004;
  private static final String NETWORK = "n";
  private static final SigningKey CALIBRATOR = CacheCase.key(9);
  private static final RowKey WRONG = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 2);
  private static final CacheCalibration CALIBRATION = calibrate(4_000);

  /** An honest engine of the tolerant class: rounding of its own, another in every request. */
  private static CacheCase honest(int number) {
    CacheCase one = new CacheCase();
    one.number = number;
    one.claimed = (key, position) -> one.row(key, position, HONEST_NOISE);
    return one;
  }

  private static CacheCalibration calibrate(int sequences) {
    List<List<CellError>> errors = new ArrayList<>();
    CacheCase shape = new CacheCase();
    for (int i = 0; i < sequences; i++) {
      CacheCase one = honest(10_000 + i);
      List<CellError> cells = new ArrayList<>();
      DrawStream stream = new DrawStream(Digest32.sha256(new byte[] {(byte) i, (byte) (i >> 8)}));
      List<RowKey> keys = new ArrayList<>();
      for (int layer = 1; layer < CacheCase.LAYERS; layer++) {
        keys.add(new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer));
        keys.add(new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer));
      }
      CellErrors measured = new CellErrors();
      for (int drawn : stream.sample(keys.size() * shape.positions, ROWS)) {
        RowKey key = keys.get(drawn % keys.size());
        int position = drawn / keys.size();
        measured.claim(key, position, one.row(key, position, HONEST_NOISE));
        measured.accept(
            key,
            position,
            TensorView.copyOf(Shape.of(1, CacheCase.WIDTH), one.row(key, position, 0)));
      }
      cells.addAll(measured.errors());
      errors.add(cells);
    }
    return CacheCalibration.fit(
        new CacheCalibration.Scope(
            CacheCase.DIGEST,
            shape.profile().digest(),
            CacheCase.BF16,
            CacheCase.CANONICAL,
            ROWS,
            64,
            Optional.of(DrawnCells.rows(ROWS / 2, CellRule.DEFAULT))),
        errors);
  }

  private static CacheBook book() {
    return CacheBook.unchecked(CALIBRATION, ALPHA, BORDERLINE);
  }

  private static Shortfall undecided(CheckResult result) {
    assertThat(result).isInstanceOf(CheckResult.Undecided.class);
    assertThat(result.check()).isEqualTo(CheckName.CACHE);
    return ((CheckResult.Undecided) result).shortfall();
  }

  private static Evidence measured(CheckResult result) {
    assertThat(result).isInstanceOf(CheckResult.Measured.class);
    return ((CheckResult.Measured) result).evidence();
  }

  /** The verdict of cache rows beside a token check that found nothing. */
  private static boolean rejects(Evidence cache) {
    return new CombinedEvidence(List.of(cache), ALPHA, BORDERLINE).rejects();
  }

  // Exact classes.

  private static CacheCase canonical() {
    CacheCase one = new CacheCase();
    one.prover = CacheCase.CANONICAL;
    return one;
  }

  @Test
  void draw_whichRowsCount_followsFromPlacesAndReceiptAndNotFromValues() {
    List<CellError> opened = new ArrayList<>();
    List<CellError> elsewhere = new ArrayList<>();
    List<CellError> worse = new ArrayList<>();
    for (int p = 0; p < 64; p++) {
      opened.add(new CellError(1, KvPart.KEY, p, 0.5));
      elsewhere.add(new CellError(1, KvPart.KEY, p + 1, 0.5));
      worse.add(new CellError(1, KvPart.KEY, p, p));
    }
    Digest32 receipt = Digest32.sha256(new byte[] {1});
    int[] drawn = CacheCheck.draw(receipt, opened, 8);
    assertThat(drawn).hasSize(8).doesNotHaveDuplicates();
    assertThat(CacheCheck.draw(receipt, worse, 8)).containsExactly(drawn);
    assertThat(CacheCheck.draw(receipt, elsewhere, 8)).isNotEqualTo(drawn);
    assertThat(CacheCheck.draw(Digest32.sha256(new byte[] {2}), opened, 8)).isNotEqualTo(drawn);
  }

  @Test
  void result_oneWrongElementOfCanonicalClasses_failsThere() {
    CacheCase one = canonical();
    one.claimed =
        (key, position) -> {
          float[] row = one.row(key, position, 0);
          if (key.equals(WRONG) && position == 17) {
            row[5] = Math.nextUp(row[5]);
          }
          return row;
        };
    CheckResult.Failed failed = (CheckResult.Failed) one.judge(CacheBook.empty());
    assertThat(failed.reason()).isEqualTo(Reason.CACHE_MISMATCH);
    assertThat(failed.location()).isEqualTo(Location.ofRow(2, 17));
    assertThat(failed.statement()).contains("1 of 144");
  }

  @Test
  void result_zeroOfOtherSign_failsForCanonicalClasses() {
    CacheCase one = canonical();
    one.claimed = (key, position) -> new float[CacheCase.WIDTH];
    one.rerun =
        (key, position) -> {
          float[] row = new float[CacheCase.WIDTH];
          row[1] = -0f;
          return row;
        };
    assertThat(one.judge(CacheBook.empty())).isInstanceOf(CheckResult.Failed.class);
  }

  /** Both executors overflow alike: the bits agree, and nobody deviated. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void result_equalRowsThatAreNotFinite_holdForCanonicalClasses(float bad) {
    CacheCase one = canonical();
    CacheCase.Rows rows =
        (key, position) -> {
          float[] row = one.row(key, position, 0);
          row[3] = bad;
          return row;
        };
    one.claimed = rows;
    one.rerun = rows;
    assertThat(one.judge(CacheBook.empty())).isInstanceOf(CheckResult.Held.class);
  }

  @Test
  void result_sixteenBitRowsOfCanonicalClasses_areComparedInTheirType() {
    CacheCase one = canonical();
    one.dtype = DType.BF16;
    assertThat(one.judge(CacheBook.empty())).isInstanceOf(CheckResult.Held.class);
    one.claimed =
        (key, position) -> {
          float[] row = one.row(key, position, 0);
          row[0] = 1.01f * row[0]; // more than one step of bfloat16
          return row;
        };
    assertThat(one.judge(CacheBook.empty())).isInstanceOf(CheckResult.Failed.class);
  }

  @Test
  void result_wrongRowsOfLayerZero_areNoEvidence() {
    CacheCase one = canonical();
    one.claimed =
        (key, position) ->
            key.layer() == 0 ? new float[CacheCase.WIDTH] : one.row(key, position, 0);
    assertThat(one.judge(CacheBook.empty())).isInstanceOf(CheckResult.Held.class);
  }

  @Test
  void result_rowsDeclaredAsLoaded_areNotCompared() {
    CacheCase one = canonical();
    one.loaded = 10;
    one.claimed =
        (key, position) -> position < 10 ? new float[CacheCase.WIDTH] : one.row(key, position, 0);
    CheckResult.Held held = (CheckResult.Held) one.judge(CacheBook.empty());
    assertThat(held.statement()).contains("all 84 opened cache rows");
    one.loaded = one.positions;
    assertThat(undecided(one.judge(CacheBook.empty()))).isEqualTo(Shortfall.COVERAGE);
  }

  @Test
  void result_nothingOpened_isNotEnough() {
    CacheCase one = canonical();
    one.opened = 0;
    assertThat(undecided(one.judge(CacheBook.empty()))).isEqualTo(Shortfall.COVERAGE);
  }

  // Our own failures are exceptions, which never become a rejection.

  @Test
  void result_executorThatLeavesRowsOut_throws() {
    CacheCase one = canonical();
    PrefillCheck.Run run = new CacheCheck(CacheBook.empty()).begin(one.subject(), one.verifier);
    one.feed(run, 7);
    assertThatIllegalStateException().isThrownBy(run::result).withMessageContaining("of 144");
  }

  @Test
  void accept_rowsOfAnotherWidth_throws() {
    CacheCase one = canonical();
    PrefillCheck.Run run = new CacheCheck(CacheBook.empty()).begin(one.subject(), one.verifier);
    assertThatIllegalStateException()
        .isThrownBy(
            () -> run.rows().accept(WRONG, 0, TensorView.copyOf(Shape.of(1, 4), new float[4])))
        .withMessageContaining("4 elements");
  }

  // Tolerant classes without a calibration.

  @Test
  void result_uncalibratedClass_isNeverRejectedWhateverItsRows() {
    CacheCase one = new CacheCase();
    one.claimed = (key, position) -> new float[CacheCase.WIDTH];
    assertThat(undecided(one.judge(CacheBook.empty()))).isEqualTo(Shortfall.UNCALIBRATED);
  }

  @Test
  void result_pairThatTheCalibrationDoesNotSpeakAbout_isUncalibrated() {
    CacheCase foreign = honest(1);
    foreign.prover = CacheCase.named("another-engine");
    assertThat(undecided(foreign.judge(book()))).isEqualTo(Shortfall.UNCALIBRATED);

    CacheCase judged = honest(2);
    judged.verifier = CacheCase.named("another-verifier");
    assertThat(undecided(judged.judge(book()))).isEqualTo(Shortfall.UNCALIBRATED);

    CacheCase model = honest(3);
    model.model = Digest32.sha256(new byte[] {4});
    assertThat(undecided(model.judge(book()))).isEqualTo(Shortfall.UNCALIBRATED);

    CacheCase profile = honest(4);
    profile.dtype = DType.BF16;
    assertThat(undecided(profile.judge(book()))).isEqualTo(Shortfall.UNCALIBRATED);

    CacheCase longer = honest(5);
    longer.positions = 65;
    assertThat(undecided(longer.judge(book()))).isEqualTo(Shortfall.UNCALIBRATED);
    longer.positions = 64;
    assertThat(longer.judge(book())).isInstanceOf(CheckResult.Measured.class);
  }

  // The rule by which cells are drawn.

  private static String otherwise(CacheCase one, CacheBook book) {
    CheckResult result = one.judge(book);
    assertThat(undecided(result)).isEqualTo(Shortfall.UNCALIBRATED);
    assertThat(result.statement()).contains("verillm challenge --cells", "verillm calibrate");
    return result.statement();
  }

  private static ChallengePlan plan(int cells, CellRule rule) {
    return new ChallengePlan(cells, 1, Optional.of(rule));
  }

  /** Neither accepted nor rejected, whatever its rows are. */
  @Test
  void result_cellsDrawnByAnotherRule_areNotJudged() {
    List<ChallengePlan> others =
        List.of(
            plan(16, new CellRule(51, 25, List.of())),
            plan(16, new CellRule(50, 26, List.of())),
            plan(16, new CellRule(50, 25, List.of(new CellRule.Depth(3, 1)))),
            plan(15, CellRule.DEFAULT),
            plan(17, CellRule.DEFAULT),
            new ChallengePlan(16, 2, Optional.of(CellRule.DEFAULT)),
            new ChallengePlan(16, 1),
            ChallengePlan.EVERYTHING);
    for (ChallengePlan other : others) {
      for (double noise : new double[] {HONEST_NOISE, 0, 1.4}) {
        CacheCase one = honest(1);
        one.claimed = (key, position) -> one.row(key, position, noise);
        one.plan = other;
        assertThat(otherwise(one, book())).contains("16 cells (50 % of the positions late");
      }
    }
    CacheCase whole = honest(1);
    whole.plan = new ChallengePlan(16, 1);
    assertThat(otherwise(whole, book())).contains("draws whole positions");
  }

  /** Where the ordered cells would cover too little, a challenge has more of them. */
  @Test
  void result_cellsAddedForCoverage_areJudged() {
    DrawnCells four = DrawnCells.rows(4, CellRule.DEFAULT);
    ChallengePlan widened = ChallengePlan.ofCells(4, 24, CacheCase.LAYERS);
    assertThat(widened).isNotEqualTo(plan(4, CellRule.DEFAULT));
    CacheCase one = honest(1);
    one.plan = widened;
    assertThat(one.judge(book(CALIBRATION, four))).isInstanceOf(CheckResult.Measured.class);
    one.plan = plan(4, CellRule.DEFAULT);
    assertThat(one.judge(book(CALIBRATION, four))).isInstanceOf(CheckResult.Measured.class);
    one.plan = plan(widened.positions() + 1, CellRule.DEFAULT);
    assertThat(otherwise(one, book(CALIBRATION, four))).contains("4 cells");
  }

  private static CacheBook book(CacheCalibration calibration, DrawnCells drawn) {
    return CacheBook.unchecked(drawnBy(calibration, Optional.of(drawn)), ALPHA, BORDERLINE);
  }

  private static CacheCalibration drawnBy(
      CacheCalibration calibration, Optional<DrawnCells> drawn) {
    CacheCalibration.Scope scope = calibration.scope();
    return new CacheCalibration(
        new CacheCalibration.Scope(
            scope.model(),
            scope.traceProfile(),
            scope.prover(),
            scope.verifier(),
            scope.rows(),
            scope.longestSequence(),
            drawn),
        calibration.laws(),
        calibration.mean().scores(),
        calibration.largest().scores(),
        List.of(new Power(Power.INT4, 200, 200)));
  }

  @Test
  void result_calibrationOfSketches_judgesNoWholeRows() {
    DrawnCells sketches = new DrawnCells(16, CellRule.DEFAULT, 4);
    assertThat(otherwise(honest(1), book(CALIBRATION, sketches))).contains("sketches of 4 values");
  }

  /** Calibrations of version 1 stay readable, keep their ids, and judge nothing. */
  @Test
  void result_calibrationThatNamesNoRule_judgesNothing() throws Exception {
    byte[] old = drawnBy(CALIBRATION, Optional.empty()).encode();
    CacheCalibration read = CacheCalibration.decode(old);
    assertThat(read.encode()).isEqualTo(old);
    CacheBook book = CacheBook.read(policy(), List.of(read.sign(CALIBRATOR, NETWORK).encode()));
    assertThat(otherwise(honest(1), book)).contains("a rule that it does not name");
    CacheCase wrong = honest(1);
    wrong.claimed = (key, position) -> wrong.row(key, position, 1.4);
    assertThat(otherwise(wrong, book)).contains("a rule that it does not name");
  }

  /** Of several calibrations for one pair, the one that speaks of the draw judges. */
  @Test
  void read_calibrationsOfSeveralRules_theChallengesOwnJudges() throws Exception {
    CacheCalibration sixteen = admissible();
    CacheCalibration eight =
        drawnBy(CALIBRATION, Optional.of(DrawnCells.rows(8, CellRule.DEFAULT)));
    CacheBook book =
        CacheBook.read(
            policy(),
            List.of(
                eight.sign(CALIBRATOR, NETWORK).encode(),
                sixteen.sign(CALIBRATOR, NETWORK).encode()));
    CacheCase one = honest(1);
    assertThat(measured(one.judge(book)).calibration()).isEqualTo(sixteen.id());
    one.plan = plan(8, CellRule.DEFAULT);
    assertThat(measured(one.judge(book)).calibration()).isEqualTo(eight.id());
    one.plan = plan(23, CellRule.DEFAULT);
    assertThat(otherwise(one, book)).contains("8 cells", "and of 16 cells");
  }

  @Test
  void measurement_drawn_saysWhatTheRunsChallengesDidAndRefusesMixtures() {
    CellMeasurement runs = new CellMeasurement();
    assertThatIllegalStateException()
        .isThrownBy(() -> runs.drawn(16))
        .withMessageContaining("no run");
    measure(runs, CacheCase.PLAN);
    assertThat(runs.drawn(16)).isEqualTo(DrawnCells.rows(16, CellRule.DEFAULT));
    assertThatIllegalStateException().isThrownBy(() -> runs.drawn(15));
    measure(runs, plan(16, new CellRule(0, 25, List.of())));
    assertThatIllegalStateException()
        .isThrownBy(() -> runs.drawn(16))
        .withMessageContaining("0 % of the positions late");
    CellMeasurement whole = new CellMeasurement();
    measure(whole, new ChallengePlan(16, 1));
    assertThatIllegalStateException().isThrownBy(() -> whole.drawn(16));
  }

  private static void measure(CellMeasurement runs, ChallengePlan plan) {
    CacheCase one = honest(1);
    one.plan = plan;
    PrefillCheck.Run run = runs.begin(one.subject(), one.verifier);
    one.feed(run, 0);
    assertThat(run.result()).isInstanceOf(CheckResult.Held.class);
  }

  // Tolerant classes with one.

  @Test
  void result_fewerRowsThanCalibrated_isNotEnough() {
    CacheCase one = honest(1);
    one.opened = ROWS / 6; // six rows above layer 0 at each position
    assertThat(undecided(one.judge(book()))).isEqualTo(Shortfall.COVERAGE);
    one.opened = ROWS / 6 + 1;
    assertThat(one.judge(book())).isInstanceOf(CheckResult.Measured.class);
  }

  /** Check A10: what is not finite, on either side, is nothing to conclude from. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void a10_result_oneValueThatIsNotFinite_isInconclusive(float bad) {
    for (boolean claims : new boolean[] {true, false}) {
      CacheCase one = honest(1);
      CacheCase.Rows good = claims ? one.claimed : one.rerun;
      CacheCase.Rows broken =
          (key, position) -> {
            float[] row = good.at(key, position);
            if (key.equals(WRONG) && position == 3) {
              row[0] = bad;
            }
            return row;
          };
      if (claims) {
        one.claimed = broken;
      } else {
        one.rerun = broken;
      }
      assertThat(undecided(one.judge(book()))).isEqualTo(Shortfall.COVERAGE);
    }
  }

  /**
   * A rejection of an honest request has probability of at most 1e-5, so 150 have one with at most
   * 0.0015; the borderline at 1e-3 is crossed by more than 4 of them with less than 1e-6.
   */
  @Test
  void result_honestRequests_areNotRejected() {
    int borderline = 0;
    for (int i = 0; i < 150; i++) {
      Evidence evidence = measured(honest(i).judge(book()));
      assertThat(rejects(evidence)).as("request %d: %s", i, evidence).isFalse();
      borderline += new CombinedEvidence(List.of(evidence), ALPHA, BORDERLINE).exceeds() ? 1 : 0;
    }
    assertThat(borderline).isLessThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.012, 0.1, 1.4})
  void result_rowsFurtherAwayThanHonestOnes_reject(double noise) {
    CacheCase one = honest(1);
    one.claimed = (key, position) -> one.row(key, position, noise);
    CheckResult.Measured result = (CheckResult.Measured) one.judge(book());
    assertThat(rejects(result.evidence())).isTrue();
    assertThat(result.reason()).isEqualTo(Reason.CACHE_MISMATCH);
    assertThat(result.evidence().valueMicros()).isGreaterThan(result.evidence().highMicros());
    assertThat(result.evidence().calibration()).isEqualTo(CALIBRATION.id());
  }

  /** Something cheaper that only shows in the deepest layer. */
  @Test
  void result_wrongDeepestLayer_rejects() {
    CacheCase one = honest(1);
    one.claimed =
        (key, position) ->
            one.row(key, position, key.layer() == CacheCase.LAYERS - 1 ? 0.1 : HONEST_NOISE);
    assertThat(rejects(measured(one.judge(book())))).isTrue();
  }

  /** Rows that agree better than the declared class can were computed by something else. */
  @Test
  void result_rowsThatAreTooQuiet_reject() {
    CacheCase one = honest(1);
    one.claimed = (key, position) -> one.row(key, position, HONEST_NOISE / 1000);
    Evidence evidence = measured(one.judge(book()));
    assertThat(rejects(evidence)).isTrue();
    assertThat(evidence.valueMicros()).isLessThan(evidence.lowMicros());
  }

  /** Cheap decoding, then one honest prefill: the rows are right, and the tokens are not. */
  @Test
  void result_honestRowsOfAForeignText_passAloneAndNotTogether() {
    Evidence cache = measured(honest(1).judge(book()));
    assertThat(rejects(cache)).isFalse();
    Evidence tokens =
        new Evidence(CheckName.TOKENS, CacheCase.DIGEST, "margin", 9, 0, 1, 4e5, 20, "law");
    CombinedEvidence both = new CombinedEvidence(List.of(cache, tokens), ALPHA, BORDERLINE);
    assertThat(both.rejects()).isTrue();
    assertThat(both.loudest()).isEqualTo(tokens);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                VerificationPolicy.builder(NETWORK)
                    .require(CheckName.CACHE)
                    .waive(CheckName.TOKENS)
                    .build());
  }

  // Whose calibrations count.

  private static VerificationPolicy policy() {
    return VerificationPolicy.builder(NETWORK).trustCalibrator(CALIBRATOR.verifyingKey()).build();
  }

  private static CacheCalibration admissible() {
    return CALIBRATION.withPower(List.of(new Power(Power.INT4, 200, 200)));
  }

  @Test
  void read_signedByACalibrator_isUsed() throws Exception {
    CacheBook read =
        CacheBook.read(policy(), List.of(admissible().sign(CALIBRATOR, NETWORK).encode()));
    Evidence evidence = measured(honest(1).judge(read));
    assertThat(evidence.calibration()).isEqualTo(admissible().id());
    assertThat(read.alpha()).isEqualTo(policy().alpha());
  }

  private static void assertRefused(SignedMessage message, String why) {
    assertThatThrownBy(() -> CacheBook.read(policy(), List.of(message.encode())))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(why);
  }

  @Test
  void read_whatNobodyVouchesFor_isRefused() {
    assertRefused(admissible().sign(CacheCase.key(8), NETWORK), "no calibrator");
    assertRefused(admissible().sign(CALIBRATOR, "another"), "not a cache calibration");
    assertRefused(
        SignedMessage.sign(CALIBRATOR, MessageType.CALIBRATION, admissible().encode(), NETWORK),
        "not a cache calibration");
    assertRefused(
        SignedMessage.sign(CALIBRATOR, MessageType.CACHE_CALIBRATION, new byte[] {1}, NETWORK),
        "cache-calibration");
  }

  @Test
  void read_whatCannotRejectFourBits_isRefused() {
    assertRefused(CALIBRATION.sign(CALIBRATOR, NETWORK), "4-bit weights");
    for (int detected : new int[] {0, 100, 194}) {
      assertRefused(
          CALIBRATION
              .withPower(List.of(new Power(Power.INT4, 200, detected)))
              .sign(CALIBRATOR, NETWORK),
          detected + " of 200");
    }
    assertRefused(
        CALIBRATION
            .withPower(List.of(new Power("another-deviation", 200, 200)))
            .sign(CALIBRATOR, NETWORK),
        "4-bit weights");
  }

  @Test
  void read_fewSequences_isRefused() {
    assertRefused(
        calibrate(1_600)
            .withPower(List.of(new Power(Power.INT4, 200, 200)))
            .sign(CALIBRATOR, NETWORK),
        "1200 scores");
  }
}
