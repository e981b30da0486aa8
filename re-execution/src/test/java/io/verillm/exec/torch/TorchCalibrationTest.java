package io.verillm.exec.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.exec.HuggingFaceJsonTokenizer;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.calibration.CalibrationRun;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Conditions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Provers that share decode steps are calibrated as they run: in steps, as a class of their own.
 */
class TorchCalibrationTest {
  private static final int RUNS = 302; // in fours the last step is filled up

  @TempDir Path folder;

  @BeforeAll
  static void needsLibtorch() {
    assumeTrue(Libtorch.probe() instanceof Libtorch.Probe.Usable, "" + Libtorch.probe());
  }

  private static CalibrationProfile calibrate(ModelFolder model, TorchSettings settings)
      throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(model.tokenizerFile());
        TransformerExecutor verifier = TransformerExecutor.loadCanonical(model);
        TorchExecutor prover = TorchExecutor.load(model, settings)) {
      TrialPlan plan =
          new TrialPlan(
              "calibration",
              4,
              8,
              6,
              6,
              List.of(new Conditions.Regime(SamplingManifest.ONE, 0, SamplingManifest.ONE)));
      TrialOrders orders =
          new TrialOrders(
              plan,
              verifier.modelDigest(),
              verifier.dimensions(),
              tokenizer,
              List.of(),
              TraceProfile.standard(settings.dtype()));
      return new CalibrationRun(orders, tokenizer, prover, verifier, 32)
          .run(RUNS, Optional.empty(), 0, done -> {});
    }
  }

  @Test
  void run_twoBatchSizes_areClassesOfTheirOwn() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").writeTo(folder));
    CalibrationProfile alone = calibrate(model, TorchSettings.of(DType.F32));
    CalibrationProfile shared = calibrate(model, TorchSettings.of(DType.F32).withBatch(4));
    assertThat(alone.prover().batchShape()).isEqualTo("1");
    assertThat(shared.prover().batchShape()).isEqualTo("4");
    assertThat(shared.prover()).isNotEqualTo(alone.prover());
    for (CalibrationProfile profile : List.of(alone, shared)) {
      assertThat(profile.sequences()).isEqualTo(RUNS);
      assertThat(profile.verifier()).isEqualTo(alone.verifier());
      assertThat(profile.receipts()).doesNotHaveDuplicates().hasSize(RUNS);
    }
  }

  @Test
  void run_again_givesTheSameProfile() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").writeTo(folder));
    TorchSettings settings = TorchSettings.of(DType.F32).withBatch(4);
    assertThat(calibrate(model, settings).id()).isEqualTo(calibrate(model, settings).id());
  }
}
