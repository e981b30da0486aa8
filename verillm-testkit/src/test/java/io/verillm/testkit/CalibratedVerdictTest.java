package io.verillm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.DescendingKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.calibration.CalibrationRun;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.exec.calibration.TrialProver;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Conditions;
import io.verillm.stats.calibration.Confirmation;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.ProfileBook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From honest runs of the small model to verdicts: everything follows from seeds, so that each
 * outcome below is the same on every machine.
 */
class CalibratedVerdictTest {
  private static final int RUNS = 600;
  private static final int TOKENS = 16;
  private static final double ALPHA = 1e-5;
  private static final double BORDERLINE = 1e-3;
  private static final TraceProfile ROWS = TraceProfile.standard(DType.F32);
  private static final List<Conditions.Regime> REGIMES =
      List.of(regime(1_000_000), regime(800_000), regime(0));

  @TempDir static Path folder;

  private static Models.LoadedModel canonical;
  private static Models.LoadedModel split;
  private static CalibrationRun run;
  private static CalibrationProfile profile;

  private static Conditions.Regime regime(int temperatureMicros) {
    return new Conditions.Regime(temperatureMicros, 0, 1_000_000);
  }

  private static TrialOrders orders(TrialPlan plan) {
    return new TrialOrders(
        plan,
        canonical.executor().modelDigest(),
        canonical.executor().dimensions(),
        canonical.tokenizer(),
        canonical.executor().config().eosTokenIds(),
        ROWS);
  }

  private static TrialPlan plan(String seed) {
    return new TrialPlan(seed, 4, 8, TOKENS, 8, REGIMES);
  }

  private static CalibrationRun calibrating(String seed) {
    return new CalibrationRun(
        orders(plan(seed)), canonical.tokenizer(), split.executor(), canonical.executor(), 32);
  }

  @BeforeAll
  static void calibrate() throws Exception {
    Path model = DemoModel.SIBLING.copyTo(folder.resolve("model"));
    canonical = Models.load(model, CanonicalKernels.singleThreaded());
    split = Models.load(model, new SplitKKernels());
    run = calibrating("calibration");
    profile = run.run(RUNS, Optional.empty(), 0, ignored -> {});
  }

  @AfterAll
  static void close() {
    canonical.close();
    split.close();
  }

  /** Runs what a generator answers and judges it by a book. */
  private static List<Verdict> judge(
      TrialPlan plan, AnswerGenerator generator, ProfileBook book, int requests) throws Exception {
    TrialOrders orders = orders(plan);
    VerificationPolicy policy =
        orders.policy().levels(ALPHA, BORDERLINE).largestMiss(Deviation.TENTH_OF_TOKENS, 1).build();
    ReceiptVerifier verifier =
        ReceiptVerifier.of(policy)
            .withReplay(new PrefillReplay(canonical.executor()).withCalibration(book));
    List<Verdict> verdicts = new ArrayList<>();
    try (TrialProver prover =
        new TrialProver(
            orders.prover(), orders.model(), canonical.tokenizer(), ROWS, List.of(), 1)) {
      for (int i = 0; i < requests; i++) {
        JobOrder order = orders.order(i);
        TrialProver.Answered answered = prover.answer(List.of(order), ignored -> generator).get(0);
        Receipt receipt = Receipt.decode(answered.receipt().payload());
        Challenge challenge = orders.challenge(order, orders.ack(i, answered.receipt()));
        byte[] opening = prover.open(answered, receipt, challenge, orders.source());
        verdicts.add(verifier.verify(orders.submission(order, answered.receipt(), i, opening)));
      }
    }
    return verdicts;
  }

  private static ProfileBook book() {
    return ProfileBook.unchecked(profile, ALPHA, BORDERLINE);
  }

  private static AnswerGenerator honest() {
    return new SamplingGenerator(split.executor(), canonical.tokenizer());
  }

  private static List<String> kinds(List<Verdict> verdicts) {
    return verdicts.stream().map(one -> one.kind() + " " + one.reasonName()).distinct().toList();
  }

  /**
   * 30 requests at a level of 1e-3: a borderline one has probability 0.03, and none is rejected.
   */
  @Test
  void verify_honestForeignClass_isAcceptedAtEveryTemperature() throws Exception {
    List<Verdict> verdicts = judge(plan("held out"), honest(), book(), 30);
    assertThat(kinds(verdicts)).containsExactly("ACCEPTED ");
    assertThat(verdicts.get(0).findings().evidence().orElseThrow().parts())
        .extracting(part -> part.check())
        .containsExactlyInAnyOrder(CheckName.ACTIVATIONS, CheckName.TOKENS);
    assertThat(verdicts.get(0).findings().evidence().orElseThrow().calibrations())
        .containsExactly(profile.id().toString());
  }

  @Test
  void verify_withoutProfile_isUndecided() throws Exception {
    assertThat(kinds(judge(plan("held out"), honest(), ProfileBook.empty(), 3)))
        .containsExactly("INCONCLUSIVE UNCALIBRATED");
  }

  /** An engine that nobody calibrated is never rejected, however far its numbers lie. */
  @Test
  void verify_classOfAnotherName_isUndecided() throws Exception {
    ExecutionClass unknown = new ExecutionClass("other", "1", "int4", "INT4", "k", "cpu", "1");
    ModelExecutor renamed = new Renamed(split.executor(), unknown);
    AnswerGenerator generator = new SamplingGenerator(renamed, canonical.tokenizer());
    assertThat(kinds(judge(plan("held out"), generator, book(), 3)))
        .containsExactly("INCONCLUSIVE UNCALIBRATED");
  }

  @Test
  void verify_longerThanCalibrated_isUndecided() throws Exception {
    TrialPlan longer = new TrialPlan("longer", 9, 9, TOKENS, 8, REGIMES);
    assertThat(kinds(judge(longer, honest(), book(), 3)))
        .containsExactly("INCONCLUSIVE UNCALIBRATED");
  }

  @Test
  void verify_fewerRowsThanCalibrated_isNeverAccepted() throws Exception {
    TrialPlan fewer = new TrialPlan("fewer", 4, 8, TOKENS, 7, REGIMES);
    assertThat(kinds(judge(fewer, honest(), book(), 3))).containsExactly("INCONCLUSIVE COVERAGE");
  }

  /** Canonical bits under the name of the bf16 class are too near: two-sided. */
  @Test
  void verify_tooQuiet_isRejectedByItsActivations() throws Exception {
    ModelExecutor masked = new Renamed(canonical.executor(), split.executor().describe());
    AnswerGenerator generator = new SamplingGenerator(masked, canonical.tokenizer());
    List<Verdict> verdicts = judge(plan("quiet"), generator, book(), 6);
    assertThat(kinds(verdicts)).containsExactly("REJECTED ACTIVATION_MISMATCH");
    assertThat(verdicts).allSatisfy(one -> assertThat(one.findings().attributable()).isFalse());
  }

  @Test
  void verify_fourBitWeights_areRejected() throws Exception {
    Path rounded = AlteredWeights.int4Groups(folder.resolve("model"), folder.resolve("int4"));
    try (Models.LoadedModel altered = Models.load(rounded, new SplitKKernels())) {
      Power power = run.power(book(), Power.INT4, altered.executor(), 60, ignored -> {});
      assertThat(power.detected()).isEqualTo(60);
      assertThat(ProfileBook.inadmissible(profile.with(List.of(), List.of(power), 0)).orElseThrow())
          .contains(RUNS + " runs"); // too few for a verifier, whatever the power
    }
  }

  /** Every row is right and one token is not; at temperature 0 the greedy margin says so. */
  @Test
  void verify_oneTokenOfItsOwnChoice_isRejectedAtEveryTemperature() throws Exception {
    AnswerGenerator generator = new AlteredTokenGenerator(split.executor(), canonical.tokenizer());
    assertThat(kinds(judge(plan("altered"), generator, book(), 9)))
        .containsExactly("REJECTED TOKEN_MISMATCH");
  }

  @Test
  void confirm_executorThatAgrees_findsTheSameScores() throws Exception {
    try (Models.LoadedModel second = Models.load(folder.resolve("model"), SplitKKernels.fp32())) {
      Confirmation confirmation = run.confirm(profile, second.executor(), 96, ignored -> {});
      assertThat(confirmation.largestShiftMicros()).isLessThan(500_000);
      assertThat(confirmation.executor().isCanonical()).isFalse();
    }
  }

  /** Measured on the prover's own executor every distance is 0: far from the profile's scores. */
  @Test
  void confirm_executorThatFindsOtherScores_makesTheProfileInadmissible() throws Exception {
    Confirmation confirmation = run.confirm(profile, split.executor(), 32, ignored -> {});
    assertThat(confirmation.largestShiftMicros()).isGreaterThan(1_000_000);
  }

  /**
   * For a prover in F32 an executor that adds in another order agrees, although its medians lie
   * farther off than an interquartile range, and one whose weights are off by a thousandth, the
   * least change of the study, does not.
   */
  @Test
  void confirm_proverInF32_tellsAnotherOrderFromAnotherModel() throws Exception {
    Path model = folder.resolve("model");
    Path changed = AlteredWeights.lowRank(model, folder.resolve("changed"), 0.001, 8);
    try (Models.LoadedModel fp32 = Models.load(model, SplitKKernels.fp32());
        Models.LoadedModel descending = Models.load(model, new DescendingKernels());
        Models.LoadedModel other = Models.load(changed, new DescendingKernels())) {
      CalibrationRun full =
          new CalibrationRun(
              orders(plan("calibration")),
              canonical.tokenizer(),
              fp32.executor(),
              canonical.executor(),
              32);
      CalibrationProfile made = full.run(400, Optional.empty(), 0, ignored -> {});
      Confirmation agrees = full.confirm(made, descending.executor(), 96, ignored -> {});
      assertThat(agrees.largestShiftMicros()).isBetween(100_000L, 1_000_000L);
      ModelExecutor defective =
          new DelegatingExecutor(other.executor()) {
            @Override
            public Digest32 modelDigest() {
              return canonical.executor().modelDigest();
            }
          };
      Confirmation disagrees = full.confirm(made, defective, 32, ignored -> {});
      assertThat(disagrees.largestShiftMicros()).isGreaterThan(5_000_000);
    }
  }

  @Test
  void confirm_otherRuns_isRefused() {
    assertThatThrownBy(
            () -> calibrating("other runs").confirm(profile, canonical.executor(), 32, i -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not the ones of the profile");
  }

  @Test
  void run_again_givesTheSameBytes() throws Exception {
    assertThat(calibrating("calibration").run(RUNS, Optional.empty(), 0, ignored -> {}).encode())
        .isEqualTo(profile.encode());
  }

  private static final class Renamed extends DelegatingExecutor {
    private final ExecutionClass name;

    Renamed(ModelExecutor executor, ExecutionClass name) {
      super(executor);
      this.name = name;
    }

    @Override
    public ExecutionClass describe() {
      return name;
    }
  }
}
