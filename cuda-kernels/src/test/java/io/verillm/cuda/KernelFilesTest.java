package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KernelFilesTest {
  /** If this fails a source was changed: run {@code mvn -Pcuda generate-resources} with nvcc 13. */
  @Test
  void manifest_everySourceAndBinary_isTheOneItNames() throws Exception {
    List<String> expected = new ArrayList<>();
    for (String file : KernelFiles.names()) {
      ByteArrayOutputStream sources = new ByteArrayOutputStream();
      for (String header : KernelFiles.HEADERS) {
        sources.writeBytes(KernelFiles.source(header));
      }
      sources.writeBytes(KernelFiles.source(file + ".cu"));
      expected.add(
          sha256(sources.toByteArray()) + " " + sha256(KernelFiles.binary(file)) + " " + file);
    }
    assertThat(new String(KernelFiles.manifest(), StandardCharsets.UTF_8).lines())
        .containsExactlyElementsOf(expected);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void kernelsOf_everyFile_namesExactlyItsKernels() {
    Pattern kernel =
        Pattern.compile(
            "__global__ void\\s+(?:__launch_bounds__\\([^)]*\\)\\s+)?(\\w+)\\(", Pattern.DOTALL);
    for (String file : KernelFiles.names()) {
      Matcher found =
          kernel.matcher(new String(KernelFiles.source(file + ".cu"), StandardCharsets.UTF_8));
      List<String> names = new ArrayList<>();
      while (found.find()) {
        names.add(found.group(1));
        assertThat(KernelFiles.fileOf(found.group(1))).isEqualTo(file);
      }
      assertThat(names).containsExactlyInAnyOrderElementsOf(KernelFiles.kernelsOf(file));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> KernelFiles.fileOf("missing"));
  }

  /** The container that the driver takes starts with this number, little-endian. */
  @Test
  void binary_everyFile_isAFatBinary() {
    for (String file : KernelFiles.names()) {
      assertThat(KernelFiles.binary(file)).startsWith(0x50, 0xED, 0x55, 0xBA);
    }
  }

  @Test
  void headers_everyIncludeOfAKernelFile_isAmongThem() {
    List<String> files = new ArrayList<>(KernelFiles.HEADERS);
    KernelFiles.names().forEach(name -> files.add(name + ".cu"));
    for (String file : files) {
      Matcher include =
          Pattern.compile("#include \"([^\"]+)\"")
              .matcher(new String(KernelFiles.source(file), StandardCharsets.UTF_8));
      while (include.find()) {
        assertThat(include.group(1)).isIn("types.cuh", "sha256.cuh", "canonical.cuh", "shim.h");
      }
    }
  }
}
