package io.verillm.cli;

import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.KernelProvider;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.tensor.DType;
import io.verillm.exec.torch.TorchSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What runs the model. */
final class EngineOption {
  @Option(
      names = "--engine",
      defaultValue = "canonical",
      description = {
        "canonical (default): plain Java, exact verdicts;",
        "libtorch: fast, judged with calibrated tolerance"
      })
  private String engine;

  @Option(
      names = "--dtype",
      defaultValue = "f32",
      description = "f32 (default), or with --engine libtorch bf16")
  private String dtype;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "threads; with libtorch another number is another numeric class; default 1")
  private int threads;

  @Option(
      names = "--kernels",
      defaultValue = "java",
      description = {
        "for --engine canonical: java (default), or cuda, the same bits on an NVIDIA device;",
        "auto takes a device where there is one"
      })
  private String kernels;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "with --engine libtorch: cpu (default), cuda or cuda:N")
  private String device;

  boolean isTorch() {
    return switch (engine) {
      case "canonical" -> false;
      case "libtorch" -> true;
      default ->
          throw new CommandFailure(
              ExitCode.USAGE,
              "unknown engine " + engine,
              "--engine canonical, or --engine libtorch");
    };
  }

  TorchSettings torch() {
    try {
      return TorchSettings.of(type()).withThreads(threads()).withDevice(device);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, String.valueOf(e.getMessage()), "--device cpu, or --device cuda");
    }
  }

  /**
   * What hashes rows on the device where the engine has them; nothing if it runs on the processor.
   * Our kernels run on device 0; where they cannot, rows are copied to the host and hashed there,
   * which gives the same receipt.
   *
   * @param say hears why rows are copied
   */
  Optional<CommitKernels> deviceCommitment(Consumer<String> say) {
    if (!isTorch() || device.equals("cpu")) {
      return Optional.empty();
    }
    if (!device.equals("cuda") && !device.equals("cuda:0")) {
      say.accept("rows are copied from " + device + ": the kernels run on device 0");
      return Optional.empty();
    }
    KernelSelection selection = KernelSelection.load();
    if (selection.probe("cuda") instanceof KernelProvider.Probe.Unusable found) {
      say.accept("rows are copied from " + device + ": " + found.why());
      return Optional.empty();
    }
    return Optional.of(selection.require("cuda").commitment());
  }

  int threads() {
    if (threads < 1 || threads > 1024) {
      throw new CommandFailure(
          ExitCode.USAGE, "--threads " + threads, "a number from 1 to the number of processors");
    }
    return threads;
  }

  private static TorchSettings withBatch(TorchSettings settings, int batch) {
    try {
      return settings.withBatch(batch);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "--batch 1 to 1024");
    }
  }

  private DType type() {
    return switch (dtype) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      default ->
          throw new CommandFailure(
              ExitCode.USAGE, "unknown dtype " + dtype, "--dtype f32, or --dtype bf16");
    };
  }

  LoadedModel load(Path folder, String arithmetic, int batch) throws IOException {
    boolean onDevice = !kernels.equals("java");
    if (!isTorch() && (!device.equals("cpu") || batch != 1)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          (batch != 1 ? "--batch " + batch : "--device " + device)
              + " belongs to --engine libtorch",
          "leave it out; --kernels cuda runs canonical arithmetic on a device");
    }
    if (isTorch()) {
      if (!arithmetic.equals("canonical") || onDevice) {
        throw new CommandFailure(
            ExitCode.USAGE,
            (onDevice ? "--kernels " + kernels : "--arithmetic " + arithmetic)
                + " belongs to --engine canonical",
            "leave one of them out");
      }
      return LoadedModel.loadTorch(folder, withBatch(torch(), batch));
    }
    if (type() != DType.F32) {
      throw new CommandFailure(
          ExitCode.USAGE, "canonical arithmetic is f32 only", "--engine libtorch --dtype bf16");
    }
    if (onDevice) {
      if (!arithmetic.equals("canonical") || threads() != 1) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--arithmetic split-k and --threads belong to --kernels java",
            "leave them or --kernels " + kernels + " out");
      }
      return LoadedModel.loadOn(folder, kernels);
    }
    return LoadedModel.loadJava(folder, arithmetic, threads());
  }
}
