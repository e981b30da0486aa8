package io.verillm.examples.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;

/**
 * Puts the native libraries on one thread and one instruction set.
 *
 * <p>They choose kernels by processor, and kernels differ in the last bit. The choice is made when
 * the libraries load, from the environment, so a program can only check it.
 */
final class PinnedNumerics {

  private static final Map<String, String> ENVIRONMENT = environment();

  private PinnedNumerics() {}

  /**
   * Sets one thread and checks the environment.
   *
   * @throws IllegalStateException naming the variables to set
   */
  static void require() {
    StringBuilder missing = new StringBuilder();
    ENVIRONMENT.forEach(
        (name, value) -> {
          if (!value.equals(System.getenv(name))) {
            missing.append(' ').append(name).append('=').append(value);
          }
        });
    if (missing.length() > 0) {
      throw new IllegalStateException("for the published bytes set" + missing);
    }
    torch.set_num_threads(1);
  }

  private static Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("OPENBLAS_CORETYPE", "Haswell");
    variables.put("OPENBLAS_NUM_THREADS", "1");
    variables.put("ATEN_CPU_CAPABILITY", "avx2");
    variables.put("DNNL_MAX_CPU_ISA", "AVX2");
    variables.put("OMP_NUM_THREADS", "1");
    return variables;
  }
}
