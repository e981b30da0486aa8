package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.verillm.core.tensor.DType;
import java.nio.file.Path;
import java.util.List;
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

  static List<RandomModel> variants() {
    return List.of(
        RandomModel.of("llama"),
        RandomModel.of("llama").heads(4, 1, 16).configKey("tie_word_embeddings", "true"),
        RandomModel.of("llama").heads(4, 4, 24).shards(3),
        RandomModel.of("llama").configKey("attention_bias", "true").configKey("mlp_bias", "true"),
        RandomModel.of("mistral").dtype(DType.BF16).configKey("sliding_window", "null"),
        RandomModel.of("qwen2").dtype(DType.F16).configKey("tie_word_embeddings", "true"),
        RandomModel.of("qwen3").heads(6, 3, 32).configKey("rope_theta", "1000000"),
        rope("{\"type\":\"linear\",\"factor\":4.0}"),
        rope("{\"rope_type\":\"dynamic\",\"factor\":2.0}"),
        rope("{\"rope_type\":\"yarn\",\"factor\":8.0,\"original_max_position_embeddings\":64}"),
        rope(
            "{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
                + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}"));
  }

  private static RandomModel rope(String json) {
    return RandomModel.of("llama").configKey("rope_scaling", json);
  }

  @ParameterizedTest
  @MethodSource("variants")
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
  @MethodSource("variants")
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
