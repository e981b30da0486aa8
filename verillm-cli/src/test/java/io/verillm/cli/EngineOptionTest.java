package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What runs the model, chosen on the command line; libtorch is not on this class path. */
class EngineOptionTest extends CommandRun {

  private int prove(String... engine) {
    String[] all = new String[engine.length + 8];
    String keys = folder.resolve("keys").toString();
    String job = folder.resolve("job").toString();
    String[] first = {"prove", job, "--keys", keys, "--prompt", "And God", "--max-tokens", "4"};
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(engine, 0, all, first.length, engine.length);
    return run(all);
  }

  @Test
  void prove_libtorchMissing_saysWhatToAdd() {
    assertThat(prove("--engine", "libtorch")).isEqualTo(4);
    assertThat(err.toString())
        .contains("libtorch is not on the class path")
        .contains("org.bytedeco:pytorch-platform:")
        .contains("--engine canonical needs nothing");
  }

  @ParameterizedTest
  @CsvSource({
    "--engine=llama.cpp, unknown engine",
    "--dtype=f16, unknown dtype",
    "--dtype=bf16, canonical arithmetic is f32 only",
    "--threads=0, --threads 0",
    "--device=cuda, --device cuda belongs to --engine libtorch",
    "--batch=4, --batch 4 belongs to --engine libtorch",
    "--engine=libtorch --device=tpu, device tpu",
    "--engine=libtorch --batch=0, batch 0",
    "--engine=libtorch --arithmetic=split-k, belongs to --engine canonical"
  })
  void prove_wrongChoice_isAUsageErrorThatNamesIt(String options, String message) {
    assertThat(prove(options.split(" "))).isEqualTo(3);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void prove_twoThreads_isTheSameCanonicalClass() {
    assertThat(prove("--threads", "2", "--json")).isZero();
    assertThat(out.toString()).contains("fp32-seqk-muladd-v1");
  }

  @Test
  void doctor_libtorchMissing_isFineAndSaysHowToAddIt() throws Exception {
    assertThat(run("doctor", "--json")).isZero();
    JsonNode found = null;
    for (JsonNode check : Json.MAPPER.readTree(out.toString()).get("checks")) {
      found = check.get("check").asText().equals("libtorch") ? check : found;
    }
    assertThat(found).isNotNull();
    assertThat(found.get("fine").asBoolean()).isFalse();
    assertThat(found.get("optional").asBoolean()).isTrue();
    assertThat(found.get("advice").asText()).contains("-Plibtorch").contains("pytorch-platform");
  }

  /** Rows of another device than the kernels' must never be read by their address. */
  @ParameterizedTest
  @CsvSource({"cpu, ''", "cuda:1, the kernels run on device 0", "cuda, no NVIDIA driver"})
  void deviceCommitment_noKernelsThere_copiesAndSaysWhy(String device, String why) {
    Assumptions.assumeFalse(
        Files.exists(Path.of("/dev/nvidiactl")), "this machine has a CUDA device");
    List<String> said = new ArrayList<>();
    EngineOption engine =
        CommandLine.populateCommand(new EngineOption(), "--engine=libtorch", "--device=" + device);
    assertThat(engine.deviceCommitment(said::add)).isEmpty();
    if (why.isEmpty()) {
      assertThat(said).isEmpty();
    } else {
      assertThat(said).singleElement().asString().contains("copied from " + device, why);
    }
  }
}
