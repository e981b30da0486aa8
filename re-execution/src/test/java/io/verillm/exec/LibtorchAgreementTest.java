package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Canonical rows against libtorch's operations on every variant. Bound: 1e-4 of a row's largest
 * magnitude, a few hundred times what two fp32 orders of summation differ by and far below what a
 * wrong pairing, grouping or norm gives.
 */
class LibtorchAgreementTest {
  private static final double BOUND = 1e-4;

  @TempDir Path folder;

  @BeforeAll
  static void needsNatives() {
    String missing = "";
    try {
      Loader.load(org.bytedeco.pytorch.global.torch.class);
    } catch (LinkageError e) {
      missing = e.toString();
    }
    assumeTrue(missing.isEmpty(), "libtorch has no natives here: " + missing);
  }

  @ParameterizedTest
  @MethodSource("io.verillm.exec.Variants#all")
  void prefill_everyVariant_agreesWithLibtorch(RandomModel model) throws Exception {
    ModelFolder opened = ModelFolder.open(model.writeTo(folder));
    int[] tokens = Runs.tokens(140, 384, 3);
    try (TransformerExecutor executor = TransformerExecutor.loadCanonical(opened)) {
      Runs.Record ours = Runs.prefill(executor, tokens);
      Map<String, float[]> theirs = forward(opened, tokens);
      assertThat(theirs).hasSize(140 * (3 * 2 + 1));
      theirs.forEach(
          (name, row) -> {
            float[] mine = ours.rows.get(name);
            double scale = 0;
            double worst = 0;
            for (int i = 0; i < row.length; i++) {
              scale = Math.max(scale, Math.abs(row[i]));
              worst = Math.max(worst, Math.abs(row[i] - mine[i]));
            }
            assertThat(worst).as(name).isLessThanOrEqualTo(BOUND * scale);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("io.verillm.exec.Variants#all")
  void decodeStep_greedy_writesTheTokensOfLibtorch(RandomModel model) throws Exception {
    ModelFolder opened = ModelFolder.open(model.writeTo(folder));
    int[] tokens = Runs.tokens(20, 384, 4);
    try (TransformerExecutor executor = TransformerExecutor.loadCanonical(opened);
        var session = executor.openSession(24, io.verillm.core.spi.CaptureSink.none())) {
      float[] logits = {};
      for (int token : tokens) {
        logits = executor.decodeStep(session, token);
      }
      for (int step = 0; step < 4; step++) {
        int last = tokens.length - 1;
        int theirs = largest(forward(opened, tokens).get("logits @%04d".formatted(last)));
        assertThat(largest(logits)).isEqualTo(theirs);
        tokens = java.util.Arrays.copyOf(tokens, tokens.length + 1);
        tokens[last + 1] = theirs;
        logits = executor.decodeStep(session, theirs);
      }
    }
  }

  private static Map<String, float[]> forward(ModelFolder folder, int[] tokens) {
    LlamaConfig config = folder.config();
    return new LibtorchForward(folder)
        .run(
            tokens,
            config.ropeScaling().frequencies(config.ropeTheta(), config.headDim()),
            config.ropeScaling().attentionFactor());
  }

  private static int largest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
