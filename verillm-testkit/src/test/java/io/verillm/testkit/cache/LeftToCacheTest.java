package io.verillm.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.cache.matching.CacheBook;
import io.verillm.cache.matching.CacheCheck;
import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CheckFinding;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ActivationCheck;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.exec.calibration.TrialProver;
import io.verillm.stats.calibration.Conditions;
import io.verillm.stats.calibration.ProfileBook;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rows the activation check leaves to the cache check, and that it leaves no others. */
class LeftToCacheTest {
  private static final int CELLS = 10;
  private static final TrialPlan PLAN =
      new TrialPlan("left", 4, 6, 8, 4, List.of(new Conditions.Regime(1_000_000, 0, 1_000_000)));
  private static final TrialPlan CELL_PLAN = PLAN.withCells(CELLS);

  @TempDir static Path folder;

  private static Models.LoadedModel canonical;
  private static Models.LoadedModel split;

  @BeforeAll
  static void load() throws Exception {
    Path model = DemoModel.SIBLING.copyTo(folder.resolve("model"));
    canonical = Models.load(model, CanonicalKernels.singleThreaded());
    split = Models.load(model, new SplitKKernels());
  }

  @AfterAll
  static void close() {
    canonical.close();
    split.close();
  }

  private static TrialOrders orders(TrialPlan plan, TraceProfile profile) {
    return new TrialOrders(
        plan,
        canonical.executor().modelDigest(),
        canonical.executor().dimensions(),
        canonical.tokenizer(),
        canonical.executor().config().eosTokenIds(),
        profile);
  }

  private static Verdict judge(Models.LoadedModel prover, TrialPlan plan, TraceProfile profile)
      throws Exception {
    TrialOrders orders = orders(plan, profile);
    VerificationPolicy.Builder policy = orders.policy();
    for (Deviation deviation : Deviation.values()) {
      policy.largestMiss(deviation, 1);
    }
    JobOrder order = orders.order(0);
    try (TrialProver answers =
        new TrialProver(
            orders.prover(), orders.model(), canonical.tokenizer(), profile, List.of(), 1)) {
      SamplingGenerator generator = new SamplingGenerator(prover.executor(), canonical.tokenizer());
      TrialProver.Answered answered = answers.answer(List.of(order), i -> generator).get(0);
      Challenge challenge = orders.challenge(order, orders.ack(0, answered.receipt()));
      byte[] opening =
          answers.open(
              answered, Receipt.decode(answered.receipt().payload()), challenge, orders.source());
      return ReceiptVerifier.of(policy.build())
          .withReplay(
              new PrefillReplay(canonical.executor())
                  .withCheck(new ActivationCheck(ProfileBook.empty()).leavingCacheRows())
                  .withCheck(new CacheCheck(CacheBook.empty())))
          .verify(orders.submission(order, answered.receipt(), 0, opening));
    }
  }

  private static CheckFinding finding(Verdict verdict, CheckName check) {
    return verdict.findings().checks().stream()
        .filter(one -> one.check() == check)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void judge_foreignClass_rowsOfTheCacheAreTheOtherChecksAndThatOneIsUncalibrated()
      throws Exception {
    Verdict verdict = judge(split, CELL_PLAN, TraceProfile.keysAndValues(DType.F32));
    assertThat(verdict.reasonName()).isEqualTo("UNCALIBRATED");
    int rows = verdict.findings().cells().size();
    assertThat(rows).isGreaterThanOrEqualTo(2 * CELLS);
    assertThat(finding(verdict, CheckName.ACTIVATIONS).statement())
        .isEqualTo("all " + rows + " opened rows are of the cache, which the check CACHE judges");
    assertThat(finding(verdict, CheckName.CACHE).state()).isEqualTo(CheckFinding.State.UNDECIDED);
  }

  @Test
  void judge_foreignClassWithOtherRows_thoseAreStillJudged() throws Exception {
    Verdict verdict = judge(split, PLAN, TraceProfile.standard(DType.F32));
    CheckFinding activations = finding(verdict, CheckName.ACTIVATIONS);
    assertThat(activations.state()).isEqualTo(CheckFinding.State.UNDECIDED);
    // Four positions open the last block's output, and keys and values of layer 0.
    assertThat(activations.statement()).contains(" of 12 opened rows differ");
  }

  @Test
  void judge_canonicalClass_everyRowIsComparedByBoth() throws Exception {
    Verdict verdict = judge(canonical, CELL_PLAN, TraceProfile.keysAndValues(DType.F32));
    assertThat(verdict.kind()).isEqualTo("ACCEPTED");
    String agree = verdict.findings().cells().size() + " opened";
    assertThat(finding(verdict, CheckName.ACTIVATIONS).statement())
        .contains(agree + " rows agree bit for bit");
    assertThat(finding(verdict, CheckName.CACHE).statement())
        .contains(agree + " cache rows agree bit for bit");
  }
}
