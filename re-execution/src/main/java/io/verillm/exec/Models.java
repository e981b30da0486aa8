package io.verillm.exec;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Loads everything that running a model folder needs. */
public final class Models {
  private Models() {}

  /** Loads a folder for canonical arithmetic on the calling thread. */
  public static LoadedModel load(Path folder) throws IOException, UnusableModelException {
    return load(folder, CanonicalKernels.singleThreaded());
  }

  /**
   * Loads a folder.
   *
   * @param kernels stays open when the model closes
   * @throws UnusableModelException if the folder cannot be run exactly as its files say
   * @throws IOException if the disk fails
   */
  public static LoadedModel load(Path folder, ArithmeticKernels kernels)
      throws IOException, UnusableModelException {
    ModelFolder opened = ModelFolder.open(folder);
    HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(opened.tokenizerFile());
    try {
      return new LoadedModel(
          TransformerExecutor.load(opened, kernels), tokenizer, opened.chatTemplateDigest());
    } catch (IOException | UnusableModelException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * A model with its tokenizer.
   *
   * @param chatTemplateDigest digest of the chat template, if the folder has one
   */
  public record LoadedModel(
      TransformerExecutor executor,
      HuggingFaceJsonTokenizer tokenizer,
      Optional<Digest32> chatTemplateDigest)
      implements AutoCloseable {
    @Override
    public void close() {
      executor.close();
      tokenizer.close();
    }
  }
}
