package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The path through JavaCPP and the driver's interface, with a driver made by g++ in place of
 * NVIDIA's, in JVMs of their own. What it shows: parameters, contexts, handles, lifetimes,
 * refusals. What it cannot show: that a device agrees.
 */
class FakeDriverTest {
  private static Path folder;

  @BeforeAll
  static void compile() {
    Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
    Assumptions.assumeTrue(
        FakeDriverTest.class.getResource("/org/bytedeco/cuda/linux-x86_64/libjnicudart.so") != null,
        "the native part of org.bytedeco:cuda is not on the class path");
    folder = ShimProgram.fakeDriver();
  }

  private record Result(int status, String output) {}

  private static Result run(String role, String main, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", folder.toString());
    builder.environment().put("FAKE_CUDA", role);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  @Test
  void contracts_throughJavaCpp_hold() throws Exception {
    Result result = run("device", "io.verillm.cuda.RunTests", "DeviceTest");
    assertThat(result.output()).contains(" 0 failed, 0 skipped");
    assertThat(result.status()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "none, shows no device",
    "full, CUDA_ERROR_OUT_OF_MEMORY",
    "wrong, came out as",
    "broken, CUDA_ERROR_NO_DEVICE",
    "old, CUDA_ERROR_NO_BINARY_FOR_GPU"
  })
  void probe_driverThatRefuses_isAReason(String role, String reason) throws Exception {
    Result result = run(role, "io.verillm.cuda.FakeDriverTest$PrintProbe");
    assertThat(result.output()).contains("Unusable").contains(reason);
    assertThat(result.status()).isZero();
  }

  /** What a host with a device runs, on small sizes. */
  @Test
  void check_onTheStandIn_findsEveryBitEqual() throws Exception {
    Result result = run("device", "io.verillm.cuda.DeviceCheck", "3", "150", "7");
    assertThat(result.output()).contains("seed 7 on g++ driver").contains("15 comparisons");
    assertThat(result.status()).isZero();
  }

  @Test
  void check_launchesThatDoNothing_areFound() throws Exception {
    Result result = run("lazy", "io.verillm.cuda.DeviceCheck", "1", "150", "7");
    assertThat(result.output()).contains("FAILED (seed 7)");
    assertThat(result.status()).isEqualTo(1);
  }

  @Test
  void times_onTheStandIn_printTheTable() throws Exception {
    Result result = run("device", "io.verillm.cuda.DeviceTimes", "1", "64");
    assertThat(result.output())
        .contains("device: g++ driver")
        .contains("| tree, 1 KiB leaves, 1 MB | 1.0000 ms")
        .contains("| statistics, all different |")
        .contains("| canonical product, 64");
    assertThat(result.status()).isZero();
  }

  /** A driver without a CUDA runtime beside it, as on a machine without a toolkit. */
  @Test
  void probe_noRuntimeLibrary_isAReason() throws Exception {
    Path alone = Files.createDirectories(folder.resolve("alone"));
    Files.copy(
        folder.resolve("libcuda.so.1"),
        alone.resolve("libcuda.so.1"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path both = folder;
    folder = alone;
    try {
      Result result = run("device", "io.verillm.cuda.FakeDriverTest$PrintProbe");
      Assumptions.assumeFalse(
          result.output().contains("Usable["), "a CUDA runtime is installed on this machine");
      assertThat(result.output()).contains("cannot be loaded").contains("libcudart");
      assertThat(result.status()).isZero();
    } finally {
      folder = both;
    }
  }

  /** Prints what the provider finds out. */
  static final class PrintProbe {
    private PrintProbe() {}

    public static void main(String[] arguments) {
      System.out.println(new CudaKernelProvider().probe());
    }
  }
}
