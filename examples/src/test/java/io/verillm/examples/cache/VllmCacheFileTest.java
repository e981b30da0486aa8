package io.verillm.examples.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.verdict.CheckFinding;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.Verdict;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VllmCacheFileTest {
  @TempDir Path folder;

  @Test
  void verify_cacheInVllmsDefaultLayout_isAccepted() throws Exception {
    try (Models.LoadedModel model = Models.load(DemoModel.MAIN.copyTo(folder.resolve("model")))) {
      Verdict verdict = new VllmCacheFile(model).verify(folder.resolve("kv.safetensors"), 1);
      assertThat(verdict.kind()).as("%s", verdict).isEqualTo("ACCEPTED");
      assertThat(verdict.findings().checks())
          .anyMatch(
              check ->
                  check.check() == CheckName.CACHE && check.state() == CheckFinding.State.HELD);
    }
  }

  @Test
  void verify_changedValues_isRejectedInTheLayerWhereTheyAre() throws Exception {
    try (Models.LoadedModel model = Models.load(DemoModel.MAIN.copyTo(folder.resolve("model")))) {
      Verdict verdict = new VllmCacheFile(model).verify(folder.resolve("kv.safetensors"), 1.001f);
      assertThat(verdict.kind()).isEqualTo("REJECTED");
      assertThat(verdict.findings().location().orElseThrow().layer())
          .hasValue(model.executor().dimensions().layers() - 1);
    }
  }
}
