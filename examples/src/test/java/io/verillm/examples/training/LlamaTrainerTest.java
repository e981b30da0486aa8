package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.tensor.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with the natives of the profile {@code train}; skipped without. */
class LlamaTrainerTest {

  private static final ModelShape SHAPE = new ModelShape(40, 32, 2, 4, 2, 8, 48, 16);
  private static final TrainingPlan PLAN =
      new TrainingPlan("tiny", SHAPE, 4, 30, 5, 1e-2, 0.1, 0.1, 0.9, 0.95, 1.0, 3);

  @BeforeAll
  static void natives() {
    Natives.assumePresent();
  }

  @Test
  void train_twice_givesTheSameBytes(@TempDir Path folder) throws IOException {
    byte[] first = train(PLAN, folder.resolve("first"));
    assertThat(train(PLAN, folder.resolve("second"))).isEqualTo(first);
  }

  @Test
  void train_countingTokens_beatsTheUniformGuess() throws IOException {
    LlamaNetwork before = LlamaNetwork.initial(SHAPE, 3);
    double uniform = Math.log(40) / Math.log(2);
    assertThat(LanguageModelEvaluation.bitsPerByte(before, tokens(), tokens().length - 1))
        .isCloseTo(uniform, within(0.05));
    LlamaNetwork after = new LlamaTrainer(PLAN, tokens()).train(PLAN.steps(), (step, now) -> {});
    assertThat(LanguageModelEvaluation.bitsPerByte(after, tokens(), tokens().length - 1))
        .isLessThan(0.5 * uniform);
  }

  @Test
  void logits_laterTokens_doNotChangeEarlierPositions() {
    LlamaNetwork network = LlamaNetwork.initial(SHAPE, 3);
    float[] shorter = allLogits(network, 5, 9, 2);
    float[] longer = allLogits(network, 5, 9, 2, 7, 7, 1);
    for (int i = 0; i < shorter.length; i++) {
      assertThat(longer[i]).isCloseTo(shorter[i], within(1e-5f));
    }
  }

  @Test
  void save_loadedAgain_savesTheSameBytesUnderTheKnownNames(@TempDir Path folder) throws Exception {
    SHAPE.write(folder);
    byte[] saved = Files.readAllBytes(LlamaNetwork.initial(SHAPE, 3).save(folder));
    assertThat(SafetensorsReader.open(folder).names())
        .hasSize(2 + 2 * 9)
        .contains(
            "model.embed_tokens.weight",
            "model.norm.weight",
            "model.layers.0.self_attn.k_proj.weight",
            "model.layers.1.mlp.down_proj.weight");
    LlamaNetwork back = LlamaNetwork.load(folder);
    assertThat(back.shape()).isEqualTo(SHAPE);
    assertThat(Files.readAllBytes(back.save(folder))).isEqualTo(saved);
  }

  private static byte[] train(TrainingPlan plan, Path folder) throws IOException {
    Files.createDirectories(folder);
    LlamaNetwork network = new LlamaTrainer(plan, tokens()).train(8, (step, now) -> {});
    return Files.readAllBytes(network.save(folder));
  }

  /** Counts up from a random start, again and again: easy to learn, impossible to guess. */
  private static long[] tokens() {
    Random random = new Random(5);
    long[] tokens = new long[1001];
    for (int at = 0; at < tokens.length; at++) {
      tokens[at] = at % 10 == 0 ? random.nextInt(40) : (tokens[at - 1] + 1) % 40;
    }
    return tokens;
  }

  private static float[] allLogits(LlamaNetwork network, long... ids) {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      float[] logits = new float[ids.length * SHAPE.vocabulary()];
      network.logits(torch.tensor(ids).view(1, ids.length)).data_ptr_float().get(logits);
      return logits;
    }
  }
}
