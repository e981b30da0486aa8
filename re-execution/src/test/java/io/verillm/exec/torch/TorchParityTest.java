package io.verillm.exec.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.verillm.core.tensor.DType;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.Runs;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.torch.TorchSettings.Products;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every captured row and all logits against the canonical executor, on every variant.
 *
 * <p>Bounds, of a row's largest magnitude: 2e-5 in F32, some hundred times the rounding of one
 * operation; 0.06 in BF16, some fifteen roundings of 2^-8 that do not all cancel. A wrong pairing,
 * grouping, norm or window gives differences near 1.
 */
class TorchParityTest {
  private static final double F32_BOUND = 2e-5;
  private static final double BF16_BOUND = 0.06;

  @TempDir Path folder;

  @BeforeAll
  static void needsLibtorch() {
    assumeTrue(Libtorch.probe() instanceof Libtorch.Probe.Usable, "" + Libtorch.probe());
  }

  @ParameterizedTest
  @MethodSource("io.verillm.exec.Variants#all")
  void prefillAndDecode_everyVariant_agreeWithCanonical(RandomModel model) throws Exception {
    ModelFolder opened = ModelFolder.open(model.writeTo(folder));
    int[] tokens = Runs.tokens(140, 384, 3);
    Runs.Record canonical;
    try (TransformerExecutor executor = TransformerExecutor.loadCanonical(opened)) {
      canonical = Runs.prefill(executor, tokens);
    }
    for (TorchSettings settings :
        new TorchSettings[] {
          TorchSettings.of(DType.F32),
          TorchSettings.of(DType.BF16).withProducts(Products.WIDENED),
          TorchSettings.of(DType.BF16).withProducts(Products.NATIVE),
          TorchSettings.of(DType.F32).withBatch(3)
        }) {
      double bound = settings.dtype() == DType.F32 ? F32_BOUND : BF16_BOUND;
      try (TorchExecutor executor = TorchExecutor.load(opened, settings)) {
        String name = executor.describe().toString();
        assertNear(name + " prefill", Runs.prefill(executor, tokens).rows, canonical.rows, bound);
        assertNear(name + " decode", Runs.decode(executor, tokens).rows, canonical.rows, bound);
      }
    }
  }

  static void assertNear(
      String what, Map<String, float[]> found, Map<String, float[]> expected, double bound) {
    assertThat(found.keySet()).as(what).isEqualTo(expected.keySet());
    for (Map.Entry<String, float[]> entry : expected.entrySet()) {
      float[] row = entry.getValue();
      float[] other = found.get(entry.getKey());
      double scale = 0;
      double worst = 0;
      for (int i = 0; i < row.length; i++) {
        scale = Math.max(scale, Math.abs(row[i]));
        worst = Math.max(worst, Math.abs(row[i] - other[i]));
      }
      assertThat(worst).as(what + " " + entry.getKey()).isLessThanOrEqualTo(bound * scale);
    }
  }
}
