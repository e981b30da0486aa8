package io.verillm.cuda;

import io.verillm.core.spi.AcceleratorException;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One device of the driver, in its primary context, which libtorch uses too, so that both see the
 * same memory. Thread-safe. It lives as long as the JVM.
 */
final class CudaDriver {
  private final Object lock = new Object();
  private final CUctx_st context;
  private final String name;
  private final int architecture;
  private final int processors;
  private final Map<String, CUmod_st> modules = new HashMap<>();
  private final Map<String, CUfunc_st> functions = new HashMap<>();

  private CudaDriver(CUctx_st context, String name, int architecture, int processors) {
    this.context = context;
    this.name = name;
    this.architecture = architecture;
    this.processors = processors;
  }

  /**
   * Opens the first device.
   *
   * @throws AcceleratorException if there is none or the driver refuses
   * @throws LinkageError if a class or a library is missing
   */
  static CudaDriver open() {
    check(cudart.cuInit(0), "starting the CUDA driver");
    int[] number = new int[1];
    check(cudart.cuDeviceGetCount(number), "counting CUDA devices");
    if (number[0] == 0) {
      throw new AcceleratorException("the CUDA driver shows no device");
    }
    check(cudart.cuDeviceGet(number, 0), "opening CUDA device 0");
    int device = number[0];
    byte[] label = new byte[128];
    check(cudart.cuDeviceGetName(label, label.length, device), "naming the CUDA device");
    int architecture =
        10 * attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
            + attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
    int processors = attribute(cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
    CUctx_st context = new CUctx_st();
    check(cudart.cuDevicePrimaryCtxRetain(context, device), "opening the device's context");
    int[] version = new int[1];
    check(cudart.cuDriverGetVersion(version), "asking for the driver's version");
    String name =
        new String(label, java.nio.charset.StandardCharsets.UTF_8).replaceAll("\0.*", "")
            + " (sm_"
            + architecture
            + ", CUDA driver "
            + version[0] / 1000
            + "."
            + version[0] % 1000 / 10
            + ")";
    return new CudaDriver(context, name, architecture, processors);
  }

  private static int attribute(int which, int device) {
    int[] value = new int[1];
    check(cudart.cuDeviceGetAttribute(value, which, device), "asking for a device attribute");
    return value[0];
  }

  /** In words: name, architecture, driver. */
  String name() {
    return name;
  }

  int processors() {
    return processors;
  }

  /**
   * Opens a queue.
   *
   * @param background whether other work of the device goes first
   */
  DeviceQueue openQueue(boolean background) {
    return inContext(() -> new DriverQueue(this, background));
  }

  /** Runs with the device's context current on this thread, and restores what was. */
  <T> T inContext(java.util.function.Supplier<T> action) {
    check(cudart.cuCtxPushCurrent(context), "entering the device's context");
    try {
      return action.get();
    } finally {
      cudart.cuCtxPopCurrent(new CUctx_st());
    }
  }

  /** A kernel, its file loaded when first asked for. The context must be current. */
  CUfunc_st function(String kernel) {
    synchronized (lock) {
      CUfunc_st known = functions.get(kernel);
      if (known == null) {
        String file = KernelFiles.fileOf(kernel);
        CUmod_st module = modules.computeIfAbsent(file, this::load);
        known = new CUfunc_st();
        check(cudart.cuModuleGetFunction(known, module, kernel), "finding kernel " + kernel);
        functions.put(kernel, known);
      }
      return known;
    }
  }

  /** The shipped binary where the driver takes it; else one compiled for this device. */
  private CUmod_st load(String file) {
    CUmod_st module = new CUmod_st();
    int status;
    try (BytePointer image = new BytePointer(KernelFiles.binary(file))) {
      status = cudart.cuModuleLoadData(module, image);
    }
    if (status != cudart.CUDA_ERROR_NO_BINARY_FOR_GPU
        && status != cudart.CUDA_ERROR_INVALID_PTX
        && status != cudart.CUDA_ERROR_UNSUPPORTED_PTX_VERSION) {
      check(status, "loading the kernels of " + file);
      return module;
    }
    byte[] compiled;
    try {
      compiled = RuntimeCompiler.compile(file, architecture);
    } catch (LinkageError | AcceleratorException e) {
      throw new AcceleratorException(
          "the shipped kernels of "
              + file
              + " do not run on "
              + name
              + " ("
              + errorName(status)
              + "), and they cannot be compiled here: "
              + e.getMessage(),
          e);
    }
    try (BytePointer image = new BytePointer(compiled)) {
      check(cudart.cuModuleLoadData(module, image), "loading the compiled kernels of " + file);
    }
    return module;
  }

  /** Throws if a call of the driver failed. */
  static void check(int status, String what) {
    if (status != 0) {
      throw new AcceleratorException(what + " failed: " + errorName(status));
    }
  }

  private static String errorName(int status) {
    try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
      text.put(0, (org.bytedeco.javacpp.Pointer) null);
      if (cudart.cuGetErrorName(status, text) == 0 && text.get(BytePointer.class) != null) {
        return text.get(BytePointer.class).getString() + " (" + status + ")";
      }
    }
    return "error " + status;
  }
}
