package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.verdict.Findings;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerdictMessage;
import io.verillm.core.wire.SignedMessage;
import io.verillm.cuda.ShimProgram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code --kernels}: refusals where there is no device, and whole runs on a driver that g++ made
 * from the kernels' sources, through the same bindings as NVIDIA's.
 */
class KernelsOptionTest extends CommandRun {

  private String[] onJob(String verb, String... more) {
    List<String> all = new ArrayList<>(List.of(verb, folder.resolve("job").toString()));
    all.addAll(List.of("--keys", folder.resolve("keys").toString()));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private void prove(String... more) {
    List<String> all = new ArrayList<>(List.of("--prompt", "And God said", "--max-tokens", "8"));
    all.addAll(List.of(more));
    assertThat(run(onJob("prove", all.toArray(new String[0])))).isZero();
    assertThat(run(onJob("challenge"))).isZero();
    assertThat(run(onJob("open"))).isZero();
  }

  private static void needsNoDriver() {
    Assumptions.assumeFalse(
        Files.exists(Path.of("/dev/nvidiactl")), "this machine has a CUDA device");
  }

  /** Runs a program of this class path in a process that finds the stand-in driver. */
  private static String onStandIn(String main, String... arguments) throws Exception {
    Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
    Assumptions.assumeTrue(
        Verillm.class.getResource("/org/bytedeco/cuda/linux-x86_64/libjnicudart.so") != null,
        "org.bytedeco:cuda has no natives for this machine");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", ShimProgram.fakeDriver().toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + "exit " + process.waitFor();
  }

  @Test
  void verify_noDriver_saysWhatIsMissingAndWhatWorks() {
    needsNoDriver();
    prove();
    assertThat(run(onJob("verify", "--kernels", "cuda"))).isEqualTo(4);
    assertThat(err.toString())
        .contains("required kernels cuda cannot run")
        .contains("libcuda.so.1")
        .contains("java: usable")
        .contains("--kernels java needs nothing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "auto"})
  void verify_javaOrWhateverIsThere_accepts(String kernels) {
    prove();
    assertThat(run(onJob("verify", "--kernels", kernels))).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "--kernels=metal, 'unknown kernels metal'",
    "--kernels=cuda --engine=libtorch, --kernels cuda belongs to --engine canonical",
    "--kernels=cuda --arithmetic=split-k, belong to --kernels java",
    "--kernels=cuda --threads=2, belong to --kernels java"
  })
  void prove_wrongChoice_isAUsageErrorThatNamesIt(String options, String message) {
    List<String> all = new ArrayList<>(List.of("--prompt", "And"));
    all.addAll(List.of(options.split(" ")));
    assertThat(run(onJob("prove", all.toArray(new String[0])))).isEqualTo(3);
    assertThat(err.toString()).contains(message).contains("next");
  }

  @Test
  void doctor_noDriver_isFineAndSaysWhy() throws Exception {
    needsNoDriver();
    assertThat(run("doctor", "--json")).isZero();
    JsonNode found = null;
    for (JsonNode check : Json.MAPPER.readTree(out.toString()).get("checks")) {
      found = check.get("check").asText().equals("CUDA kernels") ? check : found;
    }
    assertThat(found).isNotNull();
    assertThat(found.get("fine").asBoolean()).isFalse();
    assertThat(found.get("optional").asBoolean()).isTrue();
    assertThat(found.get("found").asText()).contains("no NVIDIA driver");
    assertThat(found.get("advice").asText()).contains("-Pcuda-bindings");
  }

  @ParameterizedTest
  @ValueSource(strings = {"canonical", "split-k"})
  void verify_onTheStandInDevice_signsTheVerdictOfJava(String arithmetic) throws Exception {
    prove("--arithmetic", arithmetic);
    int expected = arithmetic.equals("canonical") ? 0 : 2;
    assertThat(run(onJob("verify", "--sign", "verifier"))).isEqualTo(expected);
    Path file = folder.resolve("job/verdict.cose");
    Verdict java = verdict(file);
    Files.delete(file);
    assertThat(
            onStandIn(
                Verillm.class.getName(),
                onJob("verify", "--sign", "verifier", "--kernels", "cuda")))
        .endsWith("exit " + expected);
    Verdict cuda = verdict(file);
    assertThat(java.findings().providers().toString()).contains("/java/cpu/");
    assertThat(cuda.findings().providers().toString()).contains("/cuda/g++ driver");
    assertThat(withoutMachine(cuda)).isEqualTo(withoutMachine(java));
  }

  private static Verdict verdict(Path file) throws Exception {
    return VerdictMessage.decode(SignedMessage.decode(Files.readAllBytes(file)).payload());
  }

  /** The signed bytes but for the names of what ran and the time. */
  private static byte[] withoutMachine(Verdict verdict) {
    Findings all = verdict.findings();
    Findings findings =
        new Findings(
            all.subject(),
            all.checks(),
            all.coverage(),
            all.location(),
            all.cells(),
            all.standing(),
            all.attributable(),
            all.evidence(),
            List.of(),
            0);
    Verdict same =
        verdict.match(
            accepted -> new Verdict.Accepted(findings),
            rejected -> new Verdict.Rejected(rejected.reason(), findings),
            unsure -> new Verdict.Inconclusive(unsure.shortfall(), findings),
            aside -> new Verdict.Abstained(aside.cause(), findings));
    return VerdictMessage.encode(same);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "wide"})
  void executor_onTheStandInDevice_givesTheBitsOfJava(String model) throws Exception {
    assertThat(onStandIn(CompareExecutors.class.getName(), model))
        .containsPattern("equal in [1-9][0-9]+ rows and [1-9][0-9]* logits")
        .endsWith("exit 0");
  }
}
