package io.verillm.cli;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.DescendingKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.tensor.DType;
import io.verillm.exec.HuggingFaceJsonTokenizer;
import io.verillm.exec.LlamaConfig;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.UnusableModelException;
import io.verillm.exec.torch.TorchExecutor;
import io.verillm.exec.torch.TorchSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model folder that was loaded for this command. */
final class LoadedModel implements AutoCloseable {
  private final ModelExecutor executor;
  private final LlamaConfig config;
  private final HuggingFaceJsonTokenizer tokenizer;
  private final DType rowType;
  private final Runnable release;

  private LoadedModel(
      ModelExecutor executor,
      LlamaConfig config,
      HuggingFaceJsonTokenizer tokenizer,
      DType rowType,
      Runnable release) {
    this.executor = executor;
    this.config = config;
    this.tokenizer = tokenizer;
    this.rowType = rowType;
    this.release = release;
  }

  /**
   * Loads a folder for one thread of plain Java.
   *
   * @param arithmetic {@code canonical}, {@code split-k}, {@code split-k-fp32} or {@code
   *     descending}
   */
  static LoadedModel load(Path folder, String arithmetic) throws IOException {
    return loadJava(folder, arithmetic, 1);
  }

  /**
   * Loads a folder for plain Java.
   *
   * @param arithmetic {@code canonical}, {@code split-k}, {@code split-k-fp32} or {@code
   *     descending}
   * @param threads without effect on any bit
   */
  static LoadedModel loadJava(Path folder, String arithmetic, int threads) throws IOException {
    Optional<ExecutorService> pool =
        threads == 1 ? Optional.empty() : Optional.of(Executors.newFixedThreadPool(threads));
    ArithmeticKernels kernels =
        switch (arithmetic) {
          case "canonical" ->
              pool.isPresent()
                  ? CanonicalKernels.parallel(pool.get(), threads)
                  : CanonicalKernels.singleThreaded();
          case "split-k" -> new SplitKKernels();
          case "split-k-fp32" -> SplitKKernels.fp32();
          case "descending" -> new DescendingKernels();
          default ->
              throw new CommandFailure(
                  ExitCode.USAGE,
                  "unknown arithmetic " + arithmetic,
                  "--arithmetic canonical, split-k, split-k-fp32 or descending");
        };
    return load(
        folder,
        DType.F32,
        () -> pool.ifPresent(ExecutorService::shutdown),
        model -> TransformerExecutor.load(model, kernels));
  }

  /**
   * Loads a folder for canonical arithmetic by a provider of kernels.
   *
   * @param provider its name, or {@code auto} for the usable one of highest priority
   */
  static LoadedModel loadOn(Path folder, String provider) throws IOException {
    KernelSelection selection = KernelSelection.load();
    boolean any = provider.equals("auto");
    if (!any && !selection.names().contains(provider)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "unknown kernels " + provider,
          "--kernels auto, " + String.join(", ", selection.names()));
    }
    try {
      ArithmeticKernels kernels =
          (any ? selection.automatic() : selection.require(provider)).openArithmetic();
      return load(
          folder, DType.F32, kernels::close, model -> TransformerExecutor.load(model, kernels));
    } catch (AcceleratorException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          String.valueOf(e.getMessage()),
          "verillm doctor says what is there; --kernels java needs nothing and gives the same verdict");
    }
  }

  /** Loads a folder for libtorch. */
  static LoadedModel loadTorch(Path folder, TorchSettings settings) throws IOException {
    try {
      return load(folder, settings.dtype(), () -> {}, model -> TorchExecutor.load(model, settings));
    } catch (AcceleratorException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          String.valueOf(e.getMessage()),
          "verillm doctor says what is there; --engine canonical needs nothing");
    }
  }

  private interface Loader {
    ModelExecutor load(ModelFolder folder) throws IOException, UnusableModelException;
  }

  private static LoadedModel load(Path folder, DType rowType, Runnable release, Loader loader)
      throws IOException {
    try {
      ModelFolder opened = ModelFolder.open(folder);
      HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(opened.tokenizerFile());
      try {
        return new LoadedModel(loader.load(opened), opened.config(), tokenizer, rowType, release);
      } catch (IOException | UnusableModelException | RuntimeException e) {
        tokenizer.close();
        release.run();
        throw e;
      }
    } catch (UnusableModelException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          folder + ": " + e.getMessage(),
          "supported are Hugging Face folders of the Llama family: llama, mistral, qwen2, qwen3");
    }
  }

  ModelExecutor executor() {
    return executor;
  }

  LlamaConfig config() {
    return config;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Type of the rows that a prover with this model commits. */
  DType rowType() {
    return rowType;
  }

  /** Tokens that end an answer, as the model's configuration names them. */
  List<Integer> eosIds() {
    return config.eosTokenIds();
  }

  @Override
  public void close() {
    executor.close();
    tokenizer.close();
    release.run();
  }
}
