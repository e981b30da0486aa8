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
    if (isTorch()) {
      if (!arithmetic.equals("canonical")) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--arithmetic " + arithmetic + " belongs to --engine canonical",
            "leave one of them out");
      }
      return LoadedModel.loadTorch(folder, torch());
    }
    if (type() != DType.F32) {
      throw new CommandFailure(
          ExitCode.USAGE, "canonical arithmetic is f32 only", "--engine libtorch --dtype bf16");
    }
    return LoadedModel.loadJava(folder, arithmetic, threads());
  }
}
