package io.verillm.exec.torch;

import io.verillm.core.spi.AcceleratorException;
import java.util.Locale;

/**
 * Says whether libtorch can be used here, without needing it to be there. Thread-safe.
 *
 * <p>The first probe that finds it loads it, which takes seconds and, the first time on a machine,
 * unpacks about 450 MB into {@code ~/.javacpp}.
 */
public final class Libtorch {
  /** Version of the bindings that this module was built with. */
  static final String BINDINGS = "2.10.0-1.5.13";

  private Libtorch() {}

  /** What the probe found. */
  public sealed interface Probe {
    /**
     * Libtorch is loaded.
     *
     * @param version its version, such as {@code 2.10.0}
     * @param capability vector instructions that its CPU kernels use, such as {@code AVX2}
     * @param blas name of the BLAS kernels in use
     * @param cuda whether this build of libtorch can use CUDA
     */
    record Usable(String version, String capability, String blas, boolean cuda) implements Probe {}

    /**
     * Libtorch cannot be used.
     *
     * @param why one sentence
     * @param advice what to add or change
     */
    record Unusable(String why, String advice) implements Probe {}
  }

  /** Loads libtorch if it can be loaded. */
  public static Probe probe() {
    return Loaded.PROBE;
  }

  /** Natives are loaded once per process, when first asked for. */
  private static final class Loaded {
    private static final Probe PROBE = load(Libtorch.class.getClassLoader());
  }

  /**
   * Loads libtorch.
   *
   * @throws AcceleratorException if it cannot be loaded; the message says what to add
   */
  static void require() {
    if (probe() instanceof Probe.Unusable unusable) {
      throw new AcceleratorException(unusable.why() + "; " + unusable.advice());
    }
  }

  private static Probe load(ClassLoader loader) {
    try {
      Class.forName("org.bytedeco.pytorch.global.torch", false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return new Probe.Unusable("libtorch is not on the class path", advice());
    }
    try {
      return TorchRuntime.load();
    } catch (LinkageError e) {
      return new Probe.Unusable(
          "libtorch's bindings are on the class path, its native libraries are not usable ("
              + firstLine(e)
              + ")",
          advice());
    }
  }

  private static String firstLine(Throwable e) {
    String text = String.valueOf(e.getMessage());
    int end = text.indexOf('\n');
    return e.getClass().getSimpleName() + ": " + (end < 0 ? text : text.substring(0, end));
  }

  private static String advice() {
    return "add org.bytedeco:pytorch-platform:"
        + BINDINGS
        + " (on a machine with CUDA pytorch-platform-gpu and cuda-platform-redist), or for this"
        + " platform alone pytorch:"
        + BINDINGS
        + ", openblas and javacpp with classifier "
        + platform()
        + "; Linux needs glibc 2.35 or newer";
  }

  /** The classifier of bytedeco's artifacts, such as {@code linux-x86_64}. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return (os.startsWith("mac") ? "macosx" : os.startsWith("windows") ? "windows" : "linux")
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
  }
}
