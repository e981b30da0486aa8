package io.verillm.cli;

import io.verillm.core.tensor.DType;
import io.verillm.exec.torch.TorchSettings;
import java.io.IOException;
import java.nio.file.Path;
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
    return TorchSettings.of(type()).withThreads(threads());
  }

  int threads() {
    if (threads < 1 || threads > 1024) {
      throw new CommandFailure(
          ExitCode.USAGE, "--threads " + threads, "a number from 1 to the number of processors");
    }
    return threads;
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

  LoadedModel load(Path folder, String arithmetic) throws IOException {
    boolean onDevice = !kernels.equals("java");
    if (isTorch()) {
      if (!arithmetic.equals("canonical") || onDevice) {
        throw new CommandFailure(
            ExitCode.USAGE,
            (onDevice ? "--kernels " + kernels : "--arithmetic " + arithmetic)
                + " belongs to --engine canonical",
            "leave one of them out");
      }
      return LoadedModel.loadTorch(folder, torch());
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
