package io.verillm.exec.torch;

import io.verillm.core.spi.AcceleratorException;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The loaded libtorch: its settings, which belong to the process, and the frame of every call into
 * it. Thread-safe.
 */
final class TorchRuntime {
  private static final ThreadPools POOLS = new ThreadPools(TorchRuntime::resize);

  /** The kernel sets that OpenBLAS chooses from when it starts, by the names of their tables. */
  private static final String[] BLAS_TABLES = {
    "SAPPHIRERAPIDS", "COOPERLAKE", "SKYLAKEX", "ZEN", "HASWELL", "EXCAVATOR", "STEAMROLLER",
    "PILEDRIVER", "BULLDOZER", "SANDYBRIDGE", "BARCELONA", "NEHALEM", "CORE2", "PRESCOTT",
    "NEOVERSEN1", "ARMV8", "VORTEX"
  };

  private TorchRuntime() {}

  static Libtorch.Probe load() {
    Loader.load(torch.class);
    Loader.load(openblas_nolapack.class);
    Context context = torch.globalContext();
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false); // would only cost time: all is written
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    context.setFloat32MatmulPrecision("highest");
    return new Libtorch.Probe.Usable(
        version(), torch.get_cpu_capability().getString(), blasKernels(), torch.hasCUDA());
  }

  private static String version() {
    String config = torch.show_config().getString();
    int at = config.indexOf("TORCH_VERSION=");
    return at < 0
        ? Libtorch.BINDINGS
        : config.substring(at + "TORCH_VERSION=".length()).split("[,\\s]", 2)[0];
  }

  /** OpenBLAS has no function in the bindings that says it; the table that it points to does. */
  private static String blasKernels() {
    String version = openblas_nolapack.OPENBLAS_VERSION.trim().replaceFirst("(?i)openblas", "");
    String name = "unknown";
    Pointer chosen = Loader.addressof("gotoblas");
    if (chosen != null) {
      long address = new PointerPointer<Pointer>(chosen).get(0).address();
      for (String table : BLAS_TABLES) {
        Pointer candidate = Loader.addressof("gotoblas_" + table);
        if (candidate != null && candidate.address() == address) {
          name = table;
        }
      }
    }
    return "openblas-" + version.trim().split("\\s+", 2)[0] + "-" + name;
  }

  private static void resize(int threads) {
    // libtorch's number is one per calling thread, and setting it drops cached primitives
    if (torch.get_num_threads() != threads) {
      torch.set_num_threads(threads);
    }
    if (openblas_nolapack.blas_get_num_threads() != threads) {
      openblas_nolapack.blas_set_num_threads(threads);
    }
    if (torch.get_num_threads() != threads || openblas_nolapack.blas_get_num_threads() != threads) {
      throw new AcceleratorException(
          "the thread pools took "
              + torch.get_num_threads()
              + " and "
              + openblas_nolapack.blas_get_num_threads()
              + " threads instead of "
              + threads
              + "; ask for at most as many as there are processors");
    }
  }

  /**
   * Runs {@code body} with pools of this size, without recording gradients; native objects that it
   * made and did not retain are released.
   *
   * @throws AcceleratorException if libtorch fails
   */
  static <T> T run(int threads, Supplier<T> body) {
    try (ThreadPools.Pin pin = POOLS.enter(threads);
        PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      return body.get();
    } catch (OutOfMemoryError e) {
      if (String.valueOf(e.getMessage()).contains("Physical memory")) {
        throw new AcceleratorException(
            e.getMessage()
                + "; give Java more heap or run it with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            e);
      }
      throw e;
    } catch (RuntimeException e) {
      StackTraceElement[] trace = e.getStackTrace();
      boolean isNative =
          e.getClass() == RuntimeException.class && trace.length > 0 && trace[0].isNativeMethod();
      throw isNative ? new AcceleratorException("libtorch: " + explain(e), e) : e;
    }
  }

  /** As {@link #run(int, Supplier)} without a result. */
  static void run(int threads, Runnable body) {
    Boolean done =
        run(
            threads,
            () -> {
              body.run();
              return Boolean.TRUE;
            });
    assert done;
  }

  private static String explain(RuntimeException e) {
    String text = String.valueOf(e.getMessage());
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    return text.contains("allocate memory") || text.contains("out of memory")
        ? line + "; the model or the sequence does not fit, so ask for fewer positions or use bf16"
        : line;
  }

  /**
   * Whether BF16 products are at least a quarter as fast as F32 ones. With instructions for them
   * they are faster, without about sixty times slower, so that noise does not decide.
   */
  static boolean hasNativeBf16() {
    return NativeBf16.FOUND;
  }

  /** Measured once, when first asked. */
  private static final class NativeBf16 {
    private static final int SIZE = 192;
    private static final boolean FOUND = run(1, NativeBf16::measure);

    private static boolean measure() {
      return seconds(ScalarType.BFloat16) < 4 * seconds(ScalarType.Float);
    }

    private static double seconds(ScalarType type) {
      Tensor a = torch.ones(SIZE, SIZE).to(type);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < 5; i++) {
        long start = System.nanoTime();
        try (PointerScope inner = new PointerScope()) {
          a.mm(a);
        }
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
      return best;
    }
  }
}
