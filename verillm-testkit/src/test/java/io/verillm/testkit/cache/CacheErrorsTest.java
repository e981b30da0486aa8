package io.verillm.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.wire.Digest32;
import io.verillm.exec.RandomModel;
import io.verillm.stats.random.SplitMix64;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import io.verillm.testkit.cache.CacheStudy.Line;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that a cache study measures into, and what it concludes from made-up errors. */
class CacheErrorsTest {
  private static final CacheRequest.Shape SHAPE =
      new CacheRequest.Shape(new ModelDimensions(5, 16, 8, 8, 100, 64), 40);
  private static final ExecutionClass CLASS =
      new ExecutionClass("engine", "1", "bf16-test", "F32", "java", "cpu", "1");
  private static final Digest32 MODEL = Digest32.sha256(new byte[] {1});
  private static final CacheCalibration.Scope SCOPE =
      new CacheCalibration.Scope(MODEL, MODEL, CLASS, CLASS, 1, 1, Optional.empty());
  private static final double LEVEL = 1e-3;

  @TempDir Path folder;

  /** Errors around one per cent, times a factor from a layer on; tokens with small margins. */
  private static CacheRequest request(long number, double factor, int firstLayer, double margin) {
    SplitMix64 random = SplitMix64.stream(11, number);
    Map<Look, float[]> errors = new EnumMap<>(Look.class);
    for (Look look : Look.values()) {
      float[] rows = new float[SHAPE.rows()];
      for (int layer = 1; layer < SHAPE.model().layers(); layer++) {
        for (KvPart part : KvPart.values()) {
          for (int p = 0; p < SHAPE.tokens(); p++) {
            double by = layer >= firstLayer ? factor : 1;
            rows[SHAPE.index(layer, part, p)] =
                (float) (0.01 * by * Math.exp(0.3 * random.nextGaussian()));
          }
        }
      }
      errors.put(look, rows);
    }
    double first = Math.abs(random.nextGaussian());
    return new CacheRequest(
        errors,
        factor * (1 + 0.1 * random.nextGaussian()),
        Math.round(1e4 * margin * first),
        Math.round(1e5 * margin * first));
  }

  private static List<CacheRequest> requests(
      int first, int count, double factor, int firstLayer, double margin) {
    List<CacheRequest> requests = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      requests.add(request(i, factor, firstLayer, margin));
    }
    return requests;
  }

  private static CacheStudy study(int sequences) {
    CacheStudy study = new CacheStudy(SHAPE, SCOPE, LEVEL, true);
    study.calibrate(requests(0, sequences, 1, 1, 1));
    return study;
  }

  @Test
  void judge_madeUpErrors_areRejectedWhereTheyAreLookedAt() {
    CacheStudy study = study(1400);
    assertThat(study.uncalibrated()).isEmpty();
    String rows = CacheStudy.cells(Look.CANONICAL, 32);

    Line honest = study.judge("honest", requests(5_000, 300, 1, 1, 1), 5_000);
    // At most 3 of 300 at a level of 0.001, with probability 0.9997 per column.
    honest.rejected().forEach((column, count) -> assertThat(count).as(column).isBetween(0, 3));

    assertThat(honest.rejected(CacheStudy.OTHER_RULE)).isNotNegative();

    Line loud = study.judge("loud", requests(6_000, 20, 4, 1, 1), 6_000);
    for (Look look : Look.values()) {
      assertThat(loud.rejected(CacheStudy.cells(look, 8))).isEqualTo(20);
      assertThat(loud.rejected(CacheStudy.tokens(look, 16))).isEqualTo(20);
    }
    assertThat(loud.rejected(CacheStudy.POLYNOMIALS)).isEqualTo(20);
    assertThat(loud.rejected(CacheStudy.TOKENS)).isLessThanOrEqualTo(1);
    assertThat(loud.rejected(CacheStudy.COMBINED)).isEqualTo(20);

    Line quiet = study.judge("too quiet", requests(6_500, 20, 0.01, 1, 1), 6_500);
    assertThat(quiet.rejected(rows)).isEqualTo(20);

    Line tokens = study.judge("other tokens", requests(7_000, 20, 1, 1, 1e4), 7_000);
    assertThat(tokens.rejected(rows)).isLessThanOrEqualTo(1);
    assertThat(tokens.rejected(CacheStudy.TOKENS)).isGreaterThanOrEqualTo(19);
    assertThat(tokens.rejected(CacheStudy.COMBINED)).isGreaterThanOrEqualTo(19);

    Line deep = study.judge("last layer", requests(8_000, 60, 50, 4, 1), 8_000);
    assertThat(deep.rejected(rows)).isEqualTo(60);
    assertThat(deep.rejected(CacheStudy.HALF_DEPTH)).isLessThanOrEqualTo(2);
    // A third of the audits reach the last layer: 8 to 35 of 60, but for 1e-4 on either side.
    assertThat(deep.rejected(CacheStudy.DRAWN_DEPTH)).isBetween(8, 35);
  }

  @Test
  void judge_rowThatIsNotFinite_isUndecided() {
    CacheStudy study = study(800);
    CacheRequest broken = request(9_000, 1, 1, 1);
    broken.errors().values().forEach(rows -> java.util.Arrays.fill(rows, Float.POSITIVE_INFINITY));
    Line line = study.judge("broken", List.of(broken), 9_000);
    assertThat(line.rejected(CacheStudy.cells(Look.CANONICAL, 8))).isZero();
    assertThat(line.rejected(CacheStudy.COMBINED)).isEqualTo(-1);
  }

  @Test
  void calibrate_tooFewRequests_leavesColumnsOutAndSaysWhy() {
    CacheStudy study = study(300);
    Line line = study.judge("honest", requests(400, 2, 1, 1, 1), 400);
    String column = CacheStudy.cells(Look.CANONICAL, 8);
    assertThat(line.rejected(column)).isEqualTo(-1);
    assertThat(line.rejected(CacheStudy.POLYNOMIALS)).isEqualTo(-1);
    assertThat(study.uncalibrated().get(column)).contains("300 sequences, at least 400");
    assertThat(CacheStudyTables.of(List.of(line, line), SHAPE.tokens(), study.uncalibrated()))
        .contains("| honest | 2 | – |")
        .contains("at least 400");
  }

  private CacheErrorFile open(String prover) throws Exception {
    return CacheErrorFile.open(
        folder.resolve("one.errors"), CacheErrorFile.identity(MODEL, SHAPE, prover, 7), SHAPE);
  }

  @Test
  void file_writtenThenRead_givesTheSameRequests() throws Exception {
    List<CacheRequest> written = requests(0, 3, 1, 1, 1);
    try (CacheErrorFile file = open("honest")) {
      for (CacheRequest one : written) {
        file.append(one);
      }
    }
    try (CacheErrorFile file = open("honest")) {
      assertThat(file.records()).isEqualTo(3);
      List<CacheRequest> read = file.read(3);
      for (int i = 0; i < 3; i++) {
        CacheRequest request = read.get(i);
        assertThat(request.polynomial()).isEqualTo(written.get(i).polynomial());
        assertThat(request.meanRootMicros()).isEqualTo(written.get(i).meanRootMicros());
        assertThat(request.largestMicros()).isEqualTo(written.get(i).largestMicros());
        written
            .get(i)
            .errors()
            .forEach((look, rows) -> assertThat(request.errors().get(look)).isEqualTo(rows));
      }
      assertThatIOException().isThrownBy(() -> file.read(4));
    }
  }

  @Test
  void file_endedWithinARequest_goesOnAtThatOne() throws Exception {
    Path path = folder.resolve("one.errors");
    try (CacheErrorFile file = open("honest")) {
      file.append(request(0, 1, 1, 1));
      file.append(request(1, 1, 1, 1));
    }
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, java.util.Arrays.copyOf(whole, whole.length - 1));
    try (CacheErrorFile file = open("honest")) {
      assertThat(file.records()).isEqualTo(1);
      file.append(request(1, 1, 1, 1));
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(whole);
    Files.write(path, new byte[] {1, 2, 3});
    try (CacheErrorFile file = open("honest")) {
      assertThat(file.records()).isZero();
    }
  }

  @Test
  void file_ofAnotherProverModelOrLength_isRefused() throws Exception {
    open("honest").close();
    assertThatIOException().isThrownBy(() -> open("int4 weights")).withMessageContaining("another");
    CacheRequest.Shape longer = new CacheRequest.Shape(SHAPE.model(), 41);
    Digest32 mine = CacheErrorFile.identity(MODEL, SHAPE, "honest", 7);
    assertThat(CacheErrorFile.identity(MODEL, longer, "honest", 7)).isNotEqualTo(mine);
    assertThat(CacheErrorFile.identity(MODEL, SHAPE, "honest", 8)).isNotEqualTo(mine);
    assertThat(CacheErrorFile.identity(CLASS.digest(), SHAPE, "honest", 7)).isNotEqualTo(mine);
    try (CacheErrorFile file = open("honest")) {
      CacheRequest wrong = new CacheRequest(Map.of(), 0, 0, 0);
      assertThatIllegalArgumentException().isThrownBy(() -> file.append(wrong));
      assertThat(file.records()).isZero();
    }
    Files.write(folder.resolve("one.errors"), new byte[] {9}, StandardOpenOption.APPEND);
    open("honest").close();
  }

  @Test
  void run_takenUpAgain_isTheRunThatWasNeverEnded() throws Exception {
    Path model = RandomModel.of("llama").sizes(3, 64, 128).writeTo(folder.resolve("model"));
    CacheProvers provers = CacheProvers.of(model, Optional.empty(), folder.resolve("altered"));
    try (CacheMeasurement measurement = new CacheMeasurement(model, 16, false)) {
      CacheStudyRun ended = new CacheStudyRun(measurement, provers, folder.resolve("ended"));
      CacheStudyRun whole = new CacheStudyRun(measurement, provers, folder.resolve("whole"));
      List<Integer> seen = new ArrayList<>();
      assertThat(ended.calibration(2, done -> {})).hasSize(2);
      assertThat(ended.calibration(5, seen::add)).hasSize(5);
      assertThat(seen).containsExactly(2, 3, 4, 5);
      assertThat(ended.calibration(3, done -> {})).hasSize(3);
      whole.calibration(5, done -> {});
      assertThat(folder.resolve("ended/calibration.errors"))
          .hasSameBinaryContentAs(folder.resolve("whole/calibration.errors"));
      CacheProver int4 =
          whole.everyone().stream()
              .filter(one -> one.name().equals("int4 weights"))
              .findFirst()
              .orElseThrow();
      CacheRequest rounded = whole.requests(int4, 1, done -> {}).get(0);
      CacheRequest honest = whole.requests(provers.honest(), 1, done -> {}).get(0);
      assertThat(whole.firstNumber(int4)).isNotEqualTo(whole.firstNumber(provers.honest()));
      assertThat(honest.errors().get(Look.SAME_CLASS)).containsOnly(0);
      assertThat(mean(rounded, Look.CANONICAL)).isGreaterThan(3 * mean(honest, Look.CANONICAL));
      assertThat(mean(rounded, Look.SKETCH)).isGreaterThan(3 * mean(honest, Look.SKETCH));
      assertThat(honest.largestMicros()).isZero();
    }
  }

  private static double mean(CacheRequest request, Look look) {
    double sum = 0;
    for (float error : request.errors().getOrDefault(look, new float[0])) {
      sum += error;
    }
    return sum;
  }
}
