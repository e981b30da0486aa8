package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.spi.AcceleratorException;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compiles every kernel by NVRTC, for which no device is needed, where {@code libnvrtc.so.13} is on
 * LD_LIBRARY_PATH or where the system looks. What the binaries compute is for {@link DeviceTest} to
 * say.
 */
class RuntimeCompilationTest {
  /** JavaCPP loads the driver and the runtime with NVRTC, so that both need stand-ins. */
  @Test
  void allFiles_byNvrtc_compile() throws Exception {
    Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "io.verillm.cuda.RunTests",
                Compilations.class.getName().substring("io.verillm.cuda.".length()))
            .redirectErrorStream(true);
    builder
        .environment()
        .put(
            "LD_LIBRARY_PATH",
            ShimProgram.emptyDriver()
                + File.pathSeparator
                + System.getenv().getOrDefault("LD_LIBRARY_PATH", ""));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    Assumptions.assumeFalse(output.contains(Compilations.ABSENT), "no libnvrtc.so.13");
    assertThat(output).contains("7 succeeded, 0 failed, 0 skipped");
    assertThat(status).isZero();
  }

  /** What the process of its own runs. */
  static final class Compilations {
    static final String ABSENT = "NVRTC is not there";
    private static final short CUDA_MACHINE = 190; // EM_CUDA

    @BeforeAll
    static void load() {
      try {
        Loader.load(nvrtc.class);
      } catch (LinkageError e) {
        System.out.println(ABSENT + ": " + e.getMessage());
        Assumptions.abort(ABSENT);
      }
    }

    /** None of these is among the shipped binaries. */
    @ParameterizedTest
    @ValueSource(ints = {75, 86, 89, 100, 120})
    void compileNow_everyFile_isABinaryOfTheArchitecture(int architecture) {
      for (String file : KernelFiles.names()) {
        byte[] binary = RuntimeCompiler.compileNow(file, architecture);
        short machine = ByteBuffer.wrap(binary).order(ByteOrder.LITTLE_ENDIAN).getShort(18);
        assertThat(machine).as("%s for sm_%d", file, architecture).isEqualTo(CUDA_MACHINE);
        assertThat(MachineCode.loops(binary).keySet()).containsAll(KernelFiles.kernelsOf(file));
      }
    }

    @Test
    void compileNow_again_givesTheSameBytes() {
      String file = KernelFiles.names().get(0);
      assertThat(RuntimeCompiler.compileNow(file, 86))
          .isEqualTo(RuntimeCompiler.compileNow(file, 86));
    }

    @Test
    void compileNow_architectureThatIsNone_saysWhatTheCompilerSays() {
      String file = KernelFiles.names().get(0);
      assertThatThrownBy(() -> RuntimeCompiler.compileNow(file, 1))
          .isInstanceOf(AcceleratorException.class)
          .hasMessageContaining("gpu-architecture");
    }
  }
}
