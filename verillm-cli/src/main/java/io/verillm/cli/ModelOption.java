package io.verillm.cli;

import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.UnusableModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model to load, and in which arithmetic to run it. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder of the Llama family; default: the shipped demo model")
  private @Nullable Path folder;

  @Option(
      names = "--arithmetic",
      defaultValue = "canonical",
      description = {
        "canonical (default); for trying out honest foreign classes: split-k sums in four parts",
        "and rounds to bf16, split-k-fp32 only sums in four parts, descending sums backwards"
      })
  private String arithmetic;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = {
        "with --engine libtorch: sequences that share a decode step, filled up where there are",
        "fewer; another number is another numeric class; default 1"
      })
  private int batch;

  @Mixin private EngineOption engine;

  LoadedModel load() throws IOException {
    Path copy = Files.createTempDirectory("verillm-model");
    try {
      return load(folderOr(copy));
    } finally {
      // Weights are copied or mapped while loading; the names are not needed afterwards.
      Folders.delete(copy);
    }
  }

  /** The named folder, or the demo model copied to {@code copy}. */
  Path folderOr(Path copy) throws IOException {
    Path chosen = folder;
    if (chosen == null) {
      return DemoModel.MAIN.copyTo(copy);
    }
    require(chosen);
    return chosen;
  }

  /** Another folder, run in the same way. */
  LoadedModel load(Path other) throws IOException {
    return engine.load(other, arithmetic, batch);
  }

  /** What hashes rows where the engine has them; see {@link EngineOption#deviceCommitment}. */
  Optional<CommitKernels> deviceCommitment(Consumer<String> say) {
    return engine.deviceCommitment(say);
  }

  static void require(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "there is no model folder " + folder,
          "give a folder with config.json, *.safetensors and tokenizer.json");
    }
  }

  /**
   * Sizes of a model without loading it.
   *
   * @param folder a Hugging Face folder; null for the shipped demo model
   */
  static ModelDimensions dimensions(@Nullable Path folder) throws IOException {
    Path copy = Files.createTempDirectory("verillm-model");
    try {
      return ModelFolder.open(folder == null ? DemoModel.MAIN.copyTo(copy) : folder)
          .config()
          .dimensions();
    } catch (UnusableModelException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          String.valueOf(e.getMessage()),
          "give a folder with config.json, *.safetensors and tokenizer.json");
    } finally {
      Folders.delete(copy);
    }
  }
}
