package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.tensor.BFloat16;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitKKernelsTest {
  @TempDir Path folder;

  /** An honest class that differs nearly everywhere, and is near everywhere. */
  @Test
  void prefill_otherNumericClass_differsInBitsAndIsNear() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").writeTo(folder));
    int[] tokens = Runs.tokens(50, 384, 2);
    try (TransformerExecutor canonical = TransformerExecutor.loadCanonical(model);
        TransformerExecutor foreign = TransformerExecutor.load(model, new SplitKKernels())) {
      assertThat(foreign.describe().isCanonical()).isFalse();
      assertThat(foreign.describe().dtype()).isEqualTo("BF16");
      assertThat(foreign.modelDigest()).isEqualTo(canonical.modelDigest());
      Runs.Record exact = Runs.prefill(canonical, tokens);
      Runs.Record rounded = Runs.prefill(foreign, tokens);
      long equal = 0;
      long all = 0;
      for (String name : exact.rows.keySet()) {
        float[] a = exact.rows.get(name);
        float[] b = rounded.rows.get(name);
        double scale = 0;
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
          all++;
          equal += a[i] == b[i] ? 1 : 0;
          scale = Math.max(scale, Math.abs(a[i]));
          worst = Math.max(worst, Math.abs(a[i] - b[i]));
          if (!name.contains("BLOCK_INPUT 000")) {
            assertThat(b[i]).as(name).isEqualTo(BFloat16.round(b[i]));
          }
        }
        assertThat(worst).as(name).isLessThan(0.1 * scale);
      }
      assertThat(equal).isLessThan(all / 10);
    }
  }

  @Test
  void decodeStep_otherNumericClass_givesItsOwnPrefill() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("qwen3").writeTo(folder));
    int[] tokens = Runs.tokens(30, 384, 2);
    try (TransformerExecutor foreign = TransformerExecutor.load(model, new SplitKKernels())) {
      Runs.Record prefill = Runs.prefill(foreign, tokens);
      Runs.decode(foreign, tokens)
          .rows
          .forEach((name, row) -> assertThat(row).isEqualTo(prefill.rows.get(name)));
    }
  }
}
