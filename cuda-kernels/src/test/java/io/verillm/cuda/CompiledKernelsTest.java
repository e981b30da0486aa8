package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What nvcc makes of the kernels: no spills anywhere, few registers, short hot loops. Run by the
 * profile {@code cuda}.
 */
@Tag("nvcc")
class CompiledKernelsTest {
  private static final List<Integer> ARCHITECTURES = List.of(75, 80, 86, 89, 90, 100, 120);

  /**
   * Most registers of a kernel, so that enough warps fit on a processor: 65536 registers for 2048
   * threads are 32 each; twice that for hashing, which is bound by instructions; 128 for the tiles
   * of a product, of which two blocks must fit.
   */
  private static final Map<String, Integer> REGISTERS =
      Map.of("commit_tokens", 64, "gemm_tiles", 128, "gemm_few_rows", 64, "row_difference", 64);

  private static final int OTHER_REGISTERS = 40;

  /** One report of the assembler per kernel and architecture. */
  private record Report(int architecture, String kernel, int registers, int stack, int spilled) {}

  @BeforeEach
  void needsNvcc() {
    Assumptions.assumeTrue(ShimProgram.canRun("nvcc", "--version"), "nvcc is not installed");
  }

  static List<String> files() {
    return KernelFiles.names();
  }

  private static List<Report> compile(String file, List<Integer> architectures, String output) {
    Path folder = ShimProgram.sources().resolve("kernels");
    List<String> command =
        new ArrayList<>(List.of("nvcc", "-std=c++17", "-Xptxas", "-v", "-Werror", "all-warnings"));
    if (architectures.size() == 1) {
      command.addAll(List.of("-cubin", "-arch=sm_" + architectures.get(0)));
    } else {
      command.addAll(List.of("-fatbin", "--threads", "2"));
      for (int architecture : architectures) {
        command.addAll(
            List.of("-gencode", "arch=compute_" + architecture + ",code=sm_" + architecture));
      }
    }
    command.addAll(List.of("-o", output, file + ".cu"));
    String printed = ShimProgram.run(folder, command);
    Matcher report =
        Pattern.compile(
                "entry function '(\\w+)' for 'sm_(\\d+)'.*?(\\d+) bytes stack frame, (\\d+) bytes"
                    + " spill stores.*?Used (\\d+) registers",
                Pattern.DOTALL)
            .matcher(printed);
    List<Report> reports = new ArrayList<>();
    while (report.find()) {
      reports.add(
          new Report(
              Integer.parseInt(report.group(2)),
              report.group(1),
              Integer.parseInt(report.group(5)),
              Integer.parseInt(report.group(3)),
              Integer.parseInt(report.group(4))));
    }
    assertThat(reports).hasSize(KernelFiles.kernelsOf(file).size() * architectures.size());
    return reports;
  }

  /** Turing has as many registers for half as many threads. */
  private static int mostRegisters(Report report) {
    int most = REGISTERS.getOrDefault(report.kernel(), OTHER_REGISTERS);
    return report.architecture() < 80 ? 2 * most : most;
  }

  private static void check(List<Report> reports) {
    for (Report report : reports) {
      assertThat(report.spilled()).as("%s", report).isZero();
      assertThat(report.stack()).as("%s", report).isZero();
      assertThat(report.registers()).as("%s", report).isLessThanOrEqualTo(mostRegisters(report));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void compile_forEveryArchitecture_staysWithinRegistersAndSpillsNothing(String file) {
    check(compile(file, ARCHITECTURES, "../" + file + ".all.fatbin"));
  }

  /** 64 bytes a turn: the whole blocks of a leaf, its last blocks, and the nodes. */
  @Test
  void commitTokens_forSm90_hashesABlockInAtMost1450Instructions() throws Exception {
    compile("commit", List.of(90), "../commit.cubin");
    Path cubin = ShimProgram.sources().resolve("commit.cubin");
    List<Integer> hashing =
        MachineCode.loops(Files.readAllBytes(cubin)).get("commit_tokens").stream()
            .filter(length -> length > 1200)
            .toList();
    // fast loop, general loop, node; the loops around the node hold it and little else
    assertThat(hashing.get(0)).isBetween(1300, 1450);
    assertThat(hashing.get(1)).isBetween(1300, 2400);
    assertThat(hashing.get(2)).isBetween(1300, 1450);
    assertThat(hashing).hasSize(5);
  }

  /** 16 steps of 64 products and 64 sums, and at most a fifth on top. */
  @Test
  void gemmTiles_forSm90_spendItsInstructionsOnProductsAndSums() throws Exception {
    compile("gemm", List.of(90), "../gemm.cubin");
    Path cubin = ShimProgram.sources().resolve("gemm.cubin");
    // the other two fill the tiles, four elements a turn
    assertThat(MachineCode.loops(Files.readAllBytes(cubin)).get("gemm_tiles"))
        .hasSize(3)
        .filteredOn(length -> length > 200)
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.INTEGER)
        .isBetween(2048, 2458);
  }

  @Test
  void fatbins_builtAgain_areTheShippedOnes() throws Exception {
    Path target = ShimProgram.sources().resolve("fatbin").toAbsolutePath();
    ShimProgram.run(
        Path.of("").toAbsolutePath(),
        List.of(
            "bash",
            "src/build/fatbins",
            ShimProgram.sources().resolve("kernels").toString(),
            target.toString()));
    assertThat(Files.readAllBytes(target.resolve("MANIFEST"))).isEqualTo(KernelFiles.manifest());
  }
}
