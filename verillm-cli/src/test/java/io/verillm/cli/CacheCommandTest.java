package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheBook;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.matching.DrawnCells;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.tensor.DType;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.SamplingGenerator;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.random.SplitMix64;
import io.verillm.testkit.AlteredWeights;
import io.verillm.testkit.CheapDecodeGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Jobs whose provers commit to nothing but their cache. */
class CacheCommandTest extends CacheJobs {
  private static JsonNode check(JsonNode verdict, String name) {
    for (JsonNode check : verdict.get("checks")) {
      if (check.get("check").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check " + name + " in " + verdict);
  }

  @Test
  void verify_honestCache_isAcceptedWithEveryDrawnCellEqual() throws Exception {
    assertThat(prove("--json")).isZero();
    assertThat(Json.MAPPER.readTree(out.toString()).get("capture").asText()).isEqualTo("kv");
    assertThat(run("challenge", job(), "--keys", keys(), "--cells", "12", "--json")).isZero();
    JsonNode challenge = Json.MAPPER.readTree(out.toString());
    assertThat(challenge.get("cells").asInt()).isGreaterThanOrEqualTo(12);
    assertThat(challenge.get("missProbability").get("every cell").asDouble()).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(Files.size(Path.of(job(), Submission.OPENING_FILE)))
        .isLessThan(challenge.get("openingBytesAtMost").asLong() + 4096);

    assertThat(run("verify", job(), "--keys", keys(), "--json", "--cells")).isZero();
    JsonNode verdict = Json.MAPPER.readTree(out.toString());
    assertThat(verdict.get("verdict").asText()).isEqualTo("ACCEPTED");
    JsonNode cache = check(verdict, "CACHE");
    assertThat(cache.get("state").asText()).isEqualTo("HELD");
    int rows = 2 * challenge.get("cells").asInt();
    assertThat(cache.get("statement").asText()).contains("opened cache rows agree bit for bit");
    assertThat(verdict.get("cells").size()).isBetween(rows - 12, rows);
    for (JsonNode cell : verdict.get("cells")) {
      assertThat(cell.get("layer").asInt()).isPositive();
      assertThat(cell.get("kind").asText()).isIn("KEY", "VALUE");
    }
  }

  @Test
  void verify_honestForeignClass_isUndecidedAndNeverRejected() {
    assertThat(prove("--arithmetic", "split-k")).isZero();
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(2);
    assertThat(out.toString())
        .contains("INCONCLUSIVE UNCALIBRATED")
        .containsPattern("\\? +CACHE: [0-9]+ cache rows differ by up to .* no calibration")
        .containsPattern("ok +ACTIVATIONS: .* which the check CACHE judges");
  }

  @Test
  void prove_cacheRowsOnlyAndACommitmentToRows_isRefused() {
    assertThat(prove("--scheme", "kzg")).isEqualTo(3);
    assertThat(err.toString()).contains("--capture kv leaves no place for the rows of --scheme");
    assertThat(Path.of(job())).doesNotExist();
  }

  /** Made-up honest errors of a pair of classes, as many as asked for. */
  private static CacheCalibration calibration(
      ExecutionClass prover, ExecutionClass verifier, Digest32 model, int sequences) {
    return calibration(prover, verifier, model, sequences, DrawnCells.rows(32, CellRule.DEFAULT));
  }

  private static CacheCalibration calibration(
      ExecutionClass prover,
      ExecutionClass verifier,
      Digest32 model,
      int sequences,
      DrawnCells drawn) {
    SplitMix64 random = new SplitMix64(5);
    List<List<CellError>> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      List<CellError> errors = new ArrayList<>();
      for (int layer = 1; layer < 4; layer++) {
        for (KvPart part : KvPart.values()) {
          errors.add(new CellError(layer, part, 5, 0.003 * Math.exp(0.2 * random.nextGaussian())));
        }
      }
      all.add(errors);
    }
    return CacheCalibration.fit(
        new CacheCalibration.Scope(
            model,
            Capture.KV.profile(DType.F32).digest(),
            prover,
            verifier,
            6,
            64,
            Optional.of(drawn)),
        all);
  }

  private Path signed(CacheCalibration calibration, String key) throws Exception {
    SigningKey signer = new KeyFolder(Path.of(keys())).loadOrCreate(key);
    Path file = folder.resolve("rows.cose");
    return Files.write(file, calibration.sign(signer, "demo").encode());
  }

  private void assertRefused(Path file, String why) {
    assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", file.toString()))
        .isEqualTo(3);
    assertThat(err.toString()).contains("a cache calibration cannot be used").contains(why);
    err.getBuffer().setLength(0);
  }

  @Test
  void verify_calibrationThatMustNotCount_isRefusedOrDoesNotApply() throws Exception {
    assertThat(prove("--arithmetic", "split-k")).isZero();
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    ExecutionClass prover;
    ExecutionClass verifier;
    Digest32 model;
    Path copy = DemoModel.MAIN.copyTo(folder.resolve("model"));
    try (LoadedModel one = LoadedModel.load(copy, "split-k");
        LoadedModel other = LoadedModel.load(copy, "canonical")) {
      prover = one.executor().describe();
      verifier = other.executor().describe();
      model = other.executor().modelDigest();
    }
    new KeyFolder(Path.of(keys())).loadOrCreate("calibrator");
    List<Power> detects = List.of(new Power(Power.INT4, 60, 60));
    List<Power> misses = List.of(new Power(Power.INT4, 60, 58));
    CacheCalibration enough = calibration(prover, verifier, model, CacheBook.SEQUENCES);

    CacheCalibration few = calibration(prover, verifier, model, CacheBook.SEQUENCES - 1);
    assertRefused(signed(few.withPower(detects), "calibrator"), "2994 scores, 2995 are needed");
    assertRefused(signed(enough, "calibrator"), "does not show that 4-bit weights are rejected");
    assertRefused(signed(enough.withPower(misses), "calibrator"), "58 of 60");
    assertRefused(signed(enough.withPower(detects), "somebody"), "is no calibrator of the policy");
    byte[] whole = Files.readAllBytes(signed(enough.withPower(detects), "calibrator"));
    Path broken = folder.resolve("broken.cose");
    assertRefused(Files.write(broken, Arrays.copyOf(whole, whole.length - 1)), "");
    for (int at : new int[] {whole.length / 2, whole.length - 1}) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      assertRefused(Files.write(broken, changed), "not a cache calibration signed");
    }

    CacheCalibration elsewhere = calibration(verifier, prover, model, CacheBook.SEQUENCES);
    Path other = signed(elsewhere.withPower(detects), "calibrator");
    assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", other.toString()))
        .isEqualTo(2);
    assertThat(out.toString()).contains("no calibration of cache rows covers");
    for (DrawnCells otherwise :
        List.of(
            DrawnCells.rows(8, CellRule.DEFAULT),
            DrawnCells.rows(32, new CellRule(25, 25, List.of())),
            new DrawnCells(32, CellRule.DEFAULT, 4))) {
      CacheCalibration drawn = calibration(prover, verifier, model, CacheBook.SEQUENCES, otherwise);
      Path wrong = signed(drawn.withPower(detects), "calibrator");
      assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", wrong.toString()))
          .isEqualTo(2);
      assertThat(out.toString())
          .contains("UNCALIBRATED", "the calibration speaks of " + otherwise)
          .doesNotContain("cache rows: trimmed mean");
    }
    Path right = signed(enough.withPower(detects), "calibrator");
    run("verify", job(), "--keys", keys(), "--cache-calibration", right.toString());
    assertThat(out.toString()).contains("cache rows: trimmed mean").contains("(2995 sequences)");
  }

  private int calibrate(int cells, String... more) {
    String[] arguments = {
      "calibrate",
      folder.resolve("tokens.cose").toString(),
      "--cache",
      folder.resolve("rows.cose").toString(),
      "--model",
      folder.resolve("sibling").toString(),
      "--arithmetic",
      "split-k",
      "--keys",
      keys(),
      "--tokens",
      "20",
      "--longest",
      "8",
      "--cells",
      String.valueOf(cells)
    };
    return run(joined(arguments, more));
  }

  /**
   * The tail of 600 scores puts the limit of one statistic at 1e-5 at 4.4 honest scales, and 4-bit
   * weights lie at 11.8 or more. That of 300 puts it at 15.9, so that 400 runs detect none.
   */
  @Test
  void calibrate_fewRuns_writesBothFilesAndSaysThatNobodyAdmitsThem() throws Exception {
    DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    assertThat(
            calibrate(
                16, "--sequences", "800", "--power-requests", "4", "--confirm-runs", "0", "--json"))
        .isZero();
    JsonNode cache = Json.MAPPER.readTree(out.toString()).get("cache");
    assertThat(cache.get("rows").asInt()).isEqualTo(32);
    assertThat(cache.get("scores").asInt()).isEqualTo(600);
    assertThat(cache.get("longestSequence").asInt()).isEqualTo(27);
    assertThat(cache.get("detected").get("int4-weights").asText()).isEqualTo("4/4");
    assertThat(cache.get("admissible").asBoolean()).isFalse();
    assertThat(run("inspect", folder.resolve("rows.cose").toString())).isZero();
    JsonNode inspected = Json.MAPPER.readTree(out.toString());
    assertThat(inspected.get("prover").asText()).contains("bf16-split4-v1");
    assertThat(inspected.get("why").asText()).isEqualTo("600 scores, 2995 are needed");
    assertThat(inspected.get("drawn")).isEqualTo(cache.get("drawn"));
    assertThat(inspected.get("drawn").get("cells").asInt()).isEqualTo(16);
    assertThat(inspected.get("drawn").get("latePercent").asInt()).isEqualTo(50);
    assertThat(inspected.get("drawn").get("sketchValues").asInt()).isZero();
    SignedMessage message = SignedMessage.decode(Files.readAllBytes(folder.resolve("rows.cose")));
    CacheCalibration written = CacheCalibration.decode(message.payload());
    assertThat(written.id().toString()).isEqualTo(cache.get("calibration").asText());
    assertThat(written.scope().drawn()).contains(DrawnCells.rows(16, CellRule.DEFAULT));
    assertThat(written.power()).containsExactly(new Power(Power.INT4, 4, 4));
    assertThat(written.scope().traceProfile()).isEqualTo(Capture.KV.profile(DType.F32).digest());
    assertThat(ProfileView.read(folder.resolve("tokens.cose")).statistics())
        .hasSize(3)
        .allMatch(statistic -> statistic.name().startsWith("TOKENS/"));
  }

  /** Sketches have a calibration of their own, which says so and is of no use for rows. */
  @Test
  void calibrate_sketches_writesACalibrationOfSketches() throws Exception {
    DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    assertThat(
            calibrate(
                16,
                "--sketch-values",
                "4",
                "--sequences",
                "600",
                "--power-requests",
                "4",
                "--confirm-runs",
                "0",
                "--json"))
        .as(err.toString())
        .isZero();
    JsonNode cache = Json.MAPPER.readTree(out.toString()).get("cache");
    assertThat(cache.get("drawn").get("sketchValues").asInt()).isEqualTo(4);
    assertThat(cache.get("rows").asInt()).isEqualTo(32);
    CacheCalibration written =
        CacheCalibration.decode(
            SignedMessage.decode(Files.readAllBytes(folder.resolve("rows.cose"))).payload());
    assertThat(written.scope().drawn()).contains(new DrawnCells(16, CellRule.DEFAULT, 4));
  }

  @Test
  void calibrate_cacheWithTooFewRunsOrNoCells_isRefusedBeforeAnyRun() throws Exception {
    DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    assertThat(calibrate(16, "--sequences", "399")).isEqualTo(3);
    assertThat(err.toString()).contains("at least 400 runs").contains("--sequences 3994");
    assertThat(calibrate(16, "--sequences", "400", "--sketch-values", "65")).isEqualTo(3);
    assertThat(err.toString()).contains("--sketch-values 65");
    assertThat(calibrate(0)).isEqualTo(3);
    assertThat(err.toString()).contains("--cells 0 opens nothing");
    assertThat(folder.resolve("rows.cose")).doesNotExist();
  }

  /** Some minutes: an admissible calibration takes 3994 runs. */
  @Test
  @Tag("long")
  void calibrate_thenVerify_acceptsHonestAnswersAndRejectsFourBitWeights() throws Exception {
    Path model = DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    assertThat(calibrate(16, "--sequences", "3994")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("admissible; judge with").doesNotContain("NOT");
    try (LoadedModel honest = LoadedModel.load(model, "split-k")) {
      proveAsCalibrated(honest, honest);
    }
    // An honest answer is undecided with probability 0.001 at most.
    assertThat(verifyByBoth()).as(out.toString()).isZero();
    assertThat(out.toString()).contains("ACCEPTED").contains("CACHE").contains("sequences)");

    Folders.delete(Path.of(job()));
    Path altered = AlteredWeights.int4Groups(model, folder.resolve("int4"));
    try (LoadedModel honest = LoadedModel.load(model, "split-k");
        LoadedModel cheap = LoadedModel.load(altered, "split-k")) {
      proveAsCalibrated(honest, cheap);
    }
    assertThat(verifyByBoth()).as(out.toString()).isEqualTo(1);
    assertThat(out.toString()).contains("REJECTED CACHE_MISMATCH");
  }

  private void proveAsCalibrated(LoadedModel claimed, LoadedModel used) throws Exception {
    proveBy(
        claimed,
        new SamplingGenerator(used.executor(), claimed.tokenizer()),
        "demo",
        20,
        "--cells",
        "16",
        "--model",
        folder.resolve("sibling").toString());
  }

  private int verifyByBoth() {
    return run(
        "verify",
        job(),
        "--keys",
        keys(),
        "--model",
        folder.resolve("sibling").toString(),
        "--profile",
        folder.resolve("tokens.cose").toString(),
        "--cache-calibration",
        folder.resolve("rows.cose").toString());
  }

  private int study(String... more) {
    String[] arguments = {
      "study",
      "--cache",
      "--errors",
      folder.resolve("errors").toString(),
      "--tokens",
      "16",
      "--sequences",
      "6",
      "--honest",
      "2",
      "--requests",
      "1"
    };
    return run(joined(arguments, more));
  }

  /** What the columns mean is tested where they are made; this is the way through the command. */
  @Test
  void study_cache_keepsErrorsAndReportsWhatCouldBeCalibrated() throws Exception {
    assertThat(study("--only", "honest,int4-weights", "--json")).as(err.toString()).isZero();
    JsonNode first = Json.MAPPER.readTree(out.toString());
    assertThat(first.get("level").asDouble()).isEqualTo(1e-3);
    assertThat(first.get("provers").size()).isEqualTo(2);
    assertThat(first.get("provers").get(0).get("requests").asInt()).isEqualTo(2);
    assertThat(first.get("provers").get(1).get("prover").asText()).isEqualTo("int4 weights");
    assertThat(first.get("uncalibrated").get("F32, 8 cells").asText()).contains("at least 400");
    Path errors = folder.resolve("errors");
    long size = Files.size(errors.resolve("calibration.errors"));
    assertThat(errors.resolve("int4-weights.errors")).exists();
    assertThat(study("--only", "honest")).isZero();
    assertThat(out.toString()).contains("| honest | 2 |").contains("### Not calibrated");
    assertThat(Files.size(errors.resolve("calibration.errors"))).isEqualTo(size);
  }

  @Test
  void study_cacheWithOptionsOfTheOtherStudy_isRefused() {
    assertThat(study("--class", "bf16")).isEqualTo(3);
    assertThat(study("--subject", "SIBLING")).isEqualTo(3);
    assertThat(study("--calibration", "x.cose")).isEqualTo(3);
    assertThat(study("--only", "nobody")).isEqualTo(3);
    assertThat(err.toString()).contains("nobody").contains("int4-weights-honest-prefill");
  }

  @Test
  void verify_otherWeights_areRejected() throws Exception {
    temperatureMicros = 0; // so that no seed, which keys and orders make anew, picks another token
    proveByInt8Weights();
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK)).isEqualTo(1);
    assertThat(out.toString()).contains("REJECTED ACTIVATION_MISMATCH");
  }

  /** Every cache row is right, because one honest prefill made it; the tokens are not. */
  @Test
  void verify_cheapDecodingWithHonestPrefill_passesTheCacheCheckAndIsRejected() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    Path sibling = DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    try (LoadedModel claimed = LoadedModel.load(model, "canonical");
        LoadedModel cheap = LoadedModel.load(sibling, "canonical")) {
      proveBy(
          claimed,
          new CheapDecodeGenerator(
              new SamplingGenerator(cheap.executor(), claimed.tokenizer()), claimed.executor()));
    }
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK, "--cells", "--json"))
        .isEqualTo(1);
    JsonNode verdict;
    verdict = Json.MAPPER.readTree(out.toString());
    assertThat(verdict.get("reason").asText()).isEqualTo("TOKEN_MISMATCH");
    for (JsonNode cell : verdict.get("cells")) {
      assertThat(cell.get("unequal").asInt()).isZero();
    }
  }

  @Test
  void run_wrongUsage_saysWhatToDo() throws Exception {
    assertThat(run("prove", job(), "--keys", keys(), "--prompt", "x", "--capture", "everything"))
        .isEqualTo(3);
    assertThat(prove()).isZero();
    assertThat(run("challenge", job(), "--keys", keys(), "--cells", "0")).isEqualTo(3);
    assertThat(run("challenge", job(), "--keys", keys(), "--model", "no-such-folder")).isEqualTo(4);
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    Path junk = Files.write(folder.resolve("junk.cose"), new byte[] {1, 2, 3});
    assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", junk.toString()))
        .isEqualTo(4);
    assertThat(err.toString()).contains("there is no key").contains("calibrator");
    new KeyFolder(Path.of(keys())).loadOrCreate("calibrator");
    assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", junk.toString()))
        .isEqualTo(3);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
    assertThat(List.of(err.toString().split("\n")).size()).isLessThan(20);
  }
}
