package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.FloatBufferTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.util.PhysicalCoreExecutor;
import io.verillm.core.spi.CaptureSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Logits of an engine written by others, position by position: within 1e-3 of a row's largest
 * magnitude, and the same greedy continuation. Widths are multiples of 128 or at most 64, because
 * the engine's native operations leave the rest of other widths unwritten.
 */
class JlamaAgreementTest {
  private static final double BOUND = 1e-3;

  @TempDir Path temporary;

  /** With more threads its splitting depends on the machine. It can be said once per JVM. */
  @BeforeAll
  static void useOneThread() {
    PhysicalCoreExecutor.overrideThreadCount(1);
  }

  @Test
  void decodeStep_randomModel_agrees() throws Exception {
    // no head_dim of its own: the other engine ignores that key
    Path folder = RandomModel.of("llama").sizes(3, 128, 256).heads(4, 2, 32).writeTo(temporary);
    assertAgreement(folder, new Random(3).ints(40, 2, 258).toArray(), 20);
  }

  @Test
  void decodeStep_demoModel_agrees() throws Exception {
    Path folder =
        Path.of(
            System.getProperty(
                "verillm.demo.model", "../demo-model/src/main/resources/io/verillm/demo/model"));
    assumeTrue(Files.exists(folder.resolve("model.safetensors")), "no demo model at " + folder);
    int[] prompt;
    try (HuggingFaceJsonTokenizer tokenizer =
        HuggingFaceJsonTokenizer.load(folder.resolve("tokenizer.json"))) {
      prompt = tokenizer.encode("<|begin|>In the beginning", true);
    }
    assertAgreement(folder, prompt, 60);
  }

  private static void assertAgreement(Path folder, int[] prompt, int steps) throws Exception {
    ModelFolder opened = ModelFolder.open(folder);
    int vocabulary = opened.config().vocabulary();
    // F32 throughout: no requantisation
    AbstractModel theirs =
        ModelSupport.loadModel(
            folder.toFile(),
            Files.createTempDirectory("jlama").toFile(),
            DType.F32,
            DType.F32,
            Optional.of(DType.F32),
            Optional.empty());
    try (TransformerExecutor ours = TransformerExecutor.loadCanonical(opened);
        KvBufferCache caches = new KvBufferCache(theirs);
        var session = ours.openSession(prompt.length + steps, CaptureSink.none())) {
      var cache = caches.getEphemeralKvBuffer();
      int token = prompt[0];
      for (int position = 0; position < prompt.length + steps - 1; position++) {
        float[] mine = ours.decodeStep(session, token);
        AbstractTensor hidden = theirs.forward(token, position, cache, Optional.empty());
        FloatBufferTensor logits = new FloatBufferTensor(1, vocabulary);
        theirs.sample(hidden, 0f, 0f, logits); // leaves the raw logits in its last argument
        double scale = 0;
        double worst = 0;
        int best = 0;
        int bestOfTheirs = 0;
        for (int i = 0; i < vocabulary; i++) {
          float other = logits.get(0, i);
          scale = Math.max(scale, Math.abs(other));
          worst = Math.max(worst, Math.abs(other - mine[i]));
          best = mine[i] > mine[best] ? i : best;
          bestOfTheirs = other > logits.get(0, bestOfTheirs) ? i : bestOfTheirs;
        }
        assertThat(worst).as("logits at %d", position).isLessThanOrEqualTo(BOUND * scale);
        assertThat(best).as("greedy token at %d", position).isEqualTo(bestOfTheirs);
        token = position + 1 < prompt.length ? prompt[position + 1] : best;
      }
    } finally {
      theirs.close();
    }
  }
}
