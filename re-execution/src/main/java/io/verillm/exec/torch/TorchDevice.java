package io.verillm.exec.torch;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.AcceleratorException;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Checks the device that was asked for, and describes what runs are made of. */
final class TorchDevice {
  /** The queue of all work on a CUDA device: libtorch's default, which nothing here changes. */
  static final long STREAM = 0;

  private TorchDevice() {}

  /** Refuses a device that this build of libtorch or this machine does not have. */
  static void require(TorchSettings settings) {
    if (settings.onCpu()) {
      return;
    }
    if (!torch.hasCUDA()) {
      throw new AcceleratorException(
          "this libtorch was built without CUDA; add org.bytedeco:pytorch-platform-gpu:"
              + Libtorch.BINDINGS
              + " and cuda-platform-redist in place of pytorch-platform, or use device cpu");
    }
    if (System.getenv("CUBLAS_WORKSPACE_CONFIG") == null) {
      throw new AcceleratorException(
          "cuBLAS gives the same bits again only with CUBLAS_WORKSPACE_CONFIG=:4096:8 in the"
              + " environment; set it and start again");
    }
  }

  /**
   * The class of runs, from what is loaded and set. Called inside a run, so that the pools have the
   * size that runs have.
   */
  static ExecutionClass describe(TorchSettings settings, TorchNumbers numbers) {
    if (!(Libtorch.probe() instanceof Libtorch.Probe.Usable found)) {
      throw new IllegalStateException("described before it was loaded");
    }
    String kernels =
        "aten-"
            + found.capability()
            + " "
            + found.blas()
            + " threads "
            + torch.get_num_threads()
            + "+"
            + openblas_nolapack.blas_get_num_threads();
    return new ExecutionClass(
        TorchExecutor.ENGINE,
        found.version() + "/" + TorchExecutor.ENGINE_VERSION,
        numbers.arithmetic(),
        settings.dtype().safetensorsName(),
        kernels,
        settings.device(),
        Integer.toString(settings.batch()));
  }
}
