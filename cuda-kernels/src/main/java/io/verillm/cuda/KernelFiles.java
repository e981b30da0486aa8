package io.verillm.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The kernel files among the resources and what nvcc made of them. {@code fatbin/MANIFEST} says for
 * each binary which sources it was made from; a test holds the two together, so that a build needs
 * no nvcc. Stateless.
 */
final class KernelFiles {
  /** Included by the kernel files, in the order in which the manifest's hash takes them. */
  static final List<String> HEADERS = List.of("types.cuh", "sha256.cuh", "canonical.cuh");

  private static final Map<String, List<String>> KERNELS =
      Map.of(
          "commit", List.of("commit_tokens"),
          "gather", List.of("gather_rows"),
          "difference", List.of("row_difference"),
          "sketch", List.of("sketch_rows", "largest_elements"),
          "canonical",
              List.of(
                  "rms_norm",
                  "softmax",
                  "rope",
                  "swiglu",
                  "add_rows",
                  "attention",
                  "element_function"),
          "gemm", List.of("gemm_tiles", "gemm_few_rows"));

  private KernelFiles() {}

  /** Names of the kernel files, without their ending. */
  static List<String> names() {
    return KERNELS.keySet().stream().sorted().toList();
  }

  /** Names of a file's kernels. */
  static List<String> kernelsOf(String file) {
    return KERNELS.getOrDefault(file, List.of());
  }

  /** The file that holds a kernel. */
  static String fileOf(String kernel) {
    for (Map.Entry<String, List<String>> entry : KERNELS.entrySet()) {
      if (entry.getValue().contains(kernel)) {
        return entry.getKey();
      }
    }
    throw new IllegalArgumentException("no kernel " + kernel);
  }

  /** A source: a header, or a kernel file with its ending. */
  static byte[] source(String name) {
    return resource("kernels/" + name);
  }

  /** Binaries of a kernel file for all listed architectures, as the driver loads them. */
  static byte[] binary(String file) {
    return resource("fatbin/" + file + ".fatbin");
  }

  /** The manifest: lines of source hash, binary hash and name. */
  static byte[] manifest() {
    return resource("fatbin/MANIFEST");
  }

  private static byte[] resource(String path) {
    try (InputStream in = KernelFiles.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + path);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
