package io.verillm.cli;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.exec.Models;
import io.verillm.exec.UnusableModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A model folder that was loaded for this command. */
final class LoadedModel implements AutoCloseable {
  private final Models.LoadedModel loaded;

  private LoadedModel(Models.LoadedModel loaded) {
    this.loaded = loaded;
  }

  /**
   * Loads a folder.
   *
   * @param arithmetic {@code canonical} or {@code split-k}
   */
  static LoadedModel load(Path folder, String arithmetic) throws IOException {
    try {
      return new LoadedModel(Models.load(folder, kernels(arithmetic)));
    } catch (UnusableModelException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          folder + ": " + e.getMessage(),
          "supported are Hugging Face folders of the Llama family: llama, mistral, qwen2, qwen3");
    }
  }

  private static ArithmeticKernels kernels(String arithmetic) {
    return switch (arithmetic) {
      case "canonical" -> CanonicalKernels.singleThreaded();
      case "split-k" -> new SplitKKernels();
      default ->
          throw new CommandFailure(
              ExitCode.USAGE,
              "unknown arithmetic " + arithmetic,
              "--arithmetic canonical, or --arithmetic split-k");
    };
  }

  ModelExecutor executor() {
    return loaded.executor();
  }

  Tokenizer tokenizer() {
    return loaded.tokenizer();
  }

  /** Tokens that end an answer, as the model's configuration names them. */
  List<Integer> eosIds() {
    return loaded.executor().config().eosTokenIds();
  }

  @Override
  public void close() {
    loaded.close();
  }
}
