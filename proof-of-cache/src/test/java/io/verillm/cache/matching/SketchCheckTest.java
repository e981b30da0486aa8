package io.verillm.cache.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.verillm.cache.compact.SketchCheck;
import io.verillm.cache.compact.SketchOpening;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.Shortfall;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sketches in place of rows: spots that must give them, and a calibration of sketches. */
class SketchCheckTest {
  private static final int OUTPUTS = 4;
  private static final int ROWS = 32;
  private static final double HONEST_NOISE = 0.004;
  private static final double LEVEL = 1e-3;
  private static final CacheCalibration CALIBRATION = calibrate(800);

  private static CacheCase honest(int number) {
    CacheCase one = new CacheCase();
    one.number = number;
    one.claimed = (key, position) -> one.row(key, position, HONEST_NOISE);
    return one;
  }

  private static CacheCase sketched(int number) {
    CacheCase one = honest(number);
    one.sketched = OUTPUTS;
    return one;
  }

  /** By runs that open whole rows, which are sketched afterwards. */
  private static CacheCalibration calibrate(int runs) {
    CellMeasurement measurement =
        new CellMeasurement(
            subject -> SketchOpening.measuring(subject, CacheCase.KERNELS, OUTPUTS), OUTPUTS);
    CacheCase shape = new CacheCase();
    for (int i = 0; i < runs; i++) {
      CacheCase one = honest(10_000 + i);
      one.offered = OUTPUTS;
      assertThat(one.judge(measurement)).isInstanceOf(CheckResult.Held.class);
    }
    return CacheCalibration.fit(
        new CacheCalibration.Scope(
            CacheCase.DIGEST,
            shape.profile().digest(),
            CacheCase.BF16,
            CacheCase.CANONICAL,
            ROWS,
            64,
            Optional.of(measurement.drawn(16))),
        measurement.sequences());
  }

  private static SketchCheck check() {
    return new SketchCheck(CacheBook.unchecked(CALIBRATION, LEVEL, 10 * LEVEL), CacheCase.KERNELS);
  }

  private static Shortfall undecided(CheckResult result) {
    assertThat(result).isInstanceOf(CheckResult.Undecided.class);
    return ((CheckResult.Undecided) result).shortfall();
  }

  private static boolean rejects(CheckResult result) {
    assertThat(result).isInstanceOf(CheckResult.Measured.class);
    return new CombinedEvidence(
            List.of(((CheckResult.Measured) result).evidence()), LEVEL, 10 * LEVEL)
        .rejects();
  }

  @Test
  void calibration_ofSketches_saysSo() {
    assertThat(CALIBRATION.scope().drawn()).contains(new DrawnCells(16, CellRule.DEFAULT, OUTPUTS));
  }

  /** 40 honest requests: with a level of 0.001 three rejections have a probability below 1e-5. */
  @Test
  void result_honestSketches_areMeasuredAndNotRejected() {
    int rejected = 0;
    for (int i = 0; i < 40; i++) {
      rejected += rejects(sketched(i).judge(check())) ? 1 : 0;
    }
    assertThat(rejected).isLessThan(3);
  }

  @Test
  void result_sketchesOfWrongRows_areRejected() {
    for (double noise : new double[] {0.02, 0.1, 1.4}) {
      CacheCase one = sketched(1);
      one.claimed = (key, position) -> one.row(key, position, noise);
      CheckResult result = one.judge(check());
      assertThat(rejects(result)).as("noise %s", noise).isTrue();
      assertThat(((CheckResult.Measured) result).reason()).isEqualTo(Reason.CACHE_MISMATCH);
    }
  }

  /** Wrong rows committed, honest ones computed once the cells were known, and sketched. */
  @Test
  void result_sketchesOfRowsThatWereNotCommitted_failAtEverySpot() {
    for (int spots = 1; spots < 4; spots++) {
      CacheCase one = sketched(1);
      one.spots = spots;
      one.changeSketches =
          values -> {
            for (int row = 0; row < values.length / (2 * OUTPUTS); row++) {
              values[2 * OUTPUTS * row + 1] ^= 1;
            }
            return values;
          };
      CheckResult.Failed failed = (CheckResult.Failed) one.judge(check());
      assertThat(failed.check()).isEqualTo(CheckName.CACHE);
      assertThat(failed.reason()).isEqualTo(Reason.SKETCH_MISMATCH);
      assertThat(failed.location().orElseThrow().position()).isLessThan(one.positions);
      assertThat(failed.statement()).contains("does not give the sketch that was signed for it");
    }
  }

  /** Even the prover of a class that nobody calibrated cannot sign contradictions. */
  @Test
  void result_wrongSpotOfAnUncalibratedClass_stillFails() {
    CacheCase one = sketched(1);
    one.prover = CacheCase.named("another-engine");
    assertThat(undecided(one.judge(check()))).isEqualTo(Shortfall.UNCALIBRATED);
    one.changeSketches = values -> new byte[values.length];
    assertThat(((CheckResult.Failed) one.judge(check())).reason())
        .isEqualTo(Reason.SKETCH_MISMATCH);
  }

  @Test
  void result_calibrationOfRows_judgesNoSketches() {
    DrawnCells rows = DrawnCells.rows(16, CellRule.DEFAULT);
    CacheCalibration.Scope scope = CALIBRATION.scope().by(rows);
    CacheCalibration ofRows =
        new CacheCalibration(
            scope,
            CALIBRATION.laws(),
            CALIBRATION.mean().scores(),
            CALIBRATION.largest().scores(),
            List.of());
    SketchCheck check =
        new SketchCheck(CacheBook.unchecked(ofRows, LEVEL, 10 * LEVEL), CacheCase.KERNELS);
    CheckResult result = sketched(1).judge(check);
    assertThat(undecided(result)).isEqualTo(Shortfall.UNCALIBRATED);
    assertThat(result.statement()).contains("shown as sketches of 4 values");
    assertThat(honest(1).judge(check)).isInstanceOf(CheckResult.Measured.class);
    assertThat(undecided(honest(1).judge(check()))).isEqualTo(Shortfall.UNCALIBRATED);
  }

  @Test
  void result_otherFormThanTheReceiptOffers_isNotJudged() {
    for (int offered : new int[] {0, 3, 5}) {
      CacheCase one = sketched(1);
      one.offered = offered;
      CheckResult result = one.judge(check());
      assertThat(undecided(result)).isEqualTo(Shortfall.COVERAGE);
      assertThat(result.statement()).contains("the receipt offers");
    }
    CacheCase eight = honest(1);
    eight.sketched = 8;
    assertThat(undecided(eight.judge(check()))).isEqualTo(Shortfall.UNCALIBRATED);
  }

  @Test
  void result_sketchesGivenToTheCheckOfRows_areNotJudgedByTheSpotsAlone() {
    CheckResult result = sketched(1).judge(CacheBook.unchecked(CALIBRATION, LEVEL, 10 * LEVEL));
    assertThat(undecided(result)).isEqualTo(Shortfall.COVERAGE);
    assertThat(result.statement()).contains("SketchCheck");
  }

  private static CacheCase canonical(DType dtype) {
    CacheCase one = new CacheCase();
    one.prover = CacheCase.CANONICAL;
    one.sketched = OUTPUTS;
    one.dtype = dtype;
    return one;
  }

  @Test
  void result_canonicalSketches_mustAgreeToTheBitInTheirType() {
    SketchCheck check = new SketchCheck(CacheBook.empty(), CacheCase.KERNELS);
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      CheckResult.Held held = (CheckResult.Held) canonical(dtype).judge(check);
      assertThat(held.statement()).isEqualTo("all 144 sketched cache rows agree bit for bit");
      CacheCase wrong = canonical(dtype);
      RowKey key = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 2);
      wrong.claimed =
          (at, position) -> {
            float[] row = wrong.row(at, position, 0);
            if (at.equals(key) && position == 17) {
              row[5] += 1;
            }
            return row;
          };
      CheckResult.Failed failed = (CheckResult.Failed) wrong.judge(check);
      assertThat(failed.reason()).isEqualTo(Reason.CACHE_MISMATCH);
      assertThat(failed.statement()).contains("1 of 144 sketched cache rows differ");
    }
  }

  @Test
  void result_executorThatLeavesRowsOut_throws() {
    CacheCase one = sketched(1);
    PrefillCheck.Run run = check().begin(one.subject(), one.verifier);
    one.feed(run, 7);
    assertThatIllegalStateException().isThrownBy(run::result).withMessageContaining("of 144");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SketchCheck.sketchingOpenedRows(CacheBook.empty(), CacheCase.KERNELS, 0));
  }

  /** What sketches of opened rows say is what shown sketches say. */
  @Test
  void sketchingOpenedRows_judgesAsShownSketches() {
    SketchCheck sketching =
        SketchCheck.sketchingOpenedRows(
            CacheBook.unchecked(CALIBRATION, LEVEL, 10 * LEVEL), CacheCase.KERNELS, OUTPUTS);
    CacheCase rows = honest(3);
    rows.offered = OUTPUTS; // so that both receipts are the same
    CheckResult.Measured opened = (CheckResult.Measured) rows.judge(sketching);
    CheckResult.Measured shown = (CheckResult.Measured) sketched(3).judge(check());
    assertThat(opened.evidence()).isEqualTo(shown.evidence());
  }
}
