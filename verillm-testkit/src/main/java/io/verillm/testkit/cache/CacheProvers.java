package io.verillm.testkit.cache;

import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.UnusableModelException;
import io.verillm.testkit.AlteredCacheKernels;
import io.verillm.testkit.AlteredPromptExecutor;
import io.verillm.testkit.AlteredWeights;
import io.verillm.testkit.GarbageRowsExecutor;
import io.verillm.testkit.PaddedSiblingExecutor;
import io.verillm.testkit.SkippedLayerExecutor;
import io.verillm.testkit.cache.CacheProver.Draw;
import io.verillm.testkit.cache.CacheProver.Engines;
import io.verillm.testkit.cache.CacheProver.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The provers of the cache study: every attack that the table of the specification names, and the
 * ways to keep less of a cache. All claim the bfloat16 class of {@link SplitKKernels} and compute
 * in it. Immutable.
 */
public final class CacheProvers {
  /** Positions that the windowed provers keep. */
  public static final int WINDOW = 16;

  private final CacheProver honest;
  private final List<CacheProver> deviating;

  private CacheProvers(CacheProver honest, List<CacheProver> deviating) {
    this.honest = honest;
    this.deviating = List.copyOf(deviating);
  }

  /**
   * Writes altered weights; engines are loaded when a prover's turn comes.
   *
   * @param model folder of the ordered model
   * @param sibling folder of a smaller model with the same vocabulary, if there is one
   * @param scratch folder for altered weights
   */
  public static CacheProvers of(Path model, Optional<Path> sibling, Path scratch)
      throws IOException, UnusableModelException, MalformedMessageException {
    int layers = ModelFolder.open(model).config().layers();
    ModelDimensions sizes = ModelFolder.open(model).config().dimensions();
    int suffix = (3 * layers + 3) / 4;
    Path int4 = AlteredWeights.int4Groups(model, scratch.resolve("int4"));
    Path int8 = AlteredWeights.int8PerChannel(model, scratch.resolve("int8"));
    Path deep = AlteredWeights.int4From(model, scratch.resolve("deep"), suffix);
    Path shortened = AlteredWeights.withoutBlock(model, scratch.resolve("short"), 1);
    Source full = () -> alone(load(model));
    List<CacheProver> all = new ArrayList<>();
    sibling.ifPresent(
        smaller -> {
          all.add(CacheProver.of("smaller model", () -> padded(smaller, sizes)));
          all.add(CacheProver.of("smaller model, honest prefill", () -> shown(smaller, model)));
        });
    all.add(CacheProver.of("int4 weights", () -> alone(load(int4))));
    all.add(CacheProver.of("int4 weights, honest prefill", () -> shown(int4, model)));
    all.add(CacheProver.of("int8 weights", () -> alone(load(int8))));
    all.add(CacheProver.of("int4 from layer " + suffix, () -> alone(load(deep))));
    all.add(CacheProver.of("layer 1 skipped", () -> skipping(shortened, model)));
    all.add(CacheProver.of("altered prompt", () -> misled(model)));
    all.add(
        CacheProver.of(
            "fp8 e4m3 cache, scaled rows",
            () -> alone(load(model, AlteredCacheKernels.fp8(new SplitKKernels())))));
    for (DType dtype : new DType[] {DType.F8_E4M3, DType.F8_E5M2}) {
      String name = dtype == DType.F8_E4M3 ? "fp8 e4m3 cache" : "fp8 e5m2 cache";
      all.add(
          CacheProver.of(
              name,
              () -> alone(load(model, AlteredCacheKernels.unscaled(new SplitKKernels(), dtype)))));
    }
    all.add(CacheProver.of("window of " + WINDOW, () -> evicting(model, 0)));
    all.add(CacheProver.of("4 sinks, window of " + (WINDOW - 4), () -> evicting(model, 4)));
    all.add(new CacheProver("temperature 0.7", full, new Draw(0.7, 1, false)));
    all.add(new CacheProver("top-p 0.8", full, new Draw(1, 0.8, false)));
    all.add(new CacheProver("stored answer of another seed", full, new Draw(1, 1, true)));
    // At the end: numbers of requests follow from the places.
    all.add(CacheProver.of("garbage rows", () -> garbage(model)));
    return new CacheProvers(CacheProver.of("honest", full), all);
  }

  private static ModelExecutor load(Path folder) throws IOException, UnusableModelException {
    return load(folder, new SplitKKernels());
  }

  private static ModelExecutor load(Path folder, ArithmeticKernels kernels)
      throws IOException, UnusableModelException {
    return TransformerExecutor.load(ModelFolder.open(folder), kernels);
  }

  private static Engines alone(ModelExecutor engine) {
    return new Engines(engine, null, false, List.of(engine));
  }

  private static Engines evicting(Path model, int sinks)
      throws IOException, UnusableModelException {
    return alone(
        load(model, AlteredCacheKernels.evicting(new SplitKKernels(), sinks, WINDOW - sinks)));
  }

  private static Engines padded(Path sibling, ModelDimensions ordered)
      throws IOException, UnusableModelException {
    ModelExecutor smaller = load(sibling);
    return new Engines(new PaddedSiblingExecutor(smaller, ordered), null, true, List.of(smaller));
  }

  private static Engines shown(Path cheap, Path model) throws IOException, UnusableModelException {
    ModelExecutor decoding = load(cheap);
    ModelExecutor honest = load(model);
    return new Engines(decoding, honest, false, List.of(decoding, honest));
  }

  private static Engines skipping(Path shortened, Path model)
      throws IOException, UnusableModelException {
    ModelExecutor fewer = load(shortened);
    ModelExecutor full = load(model);
    return new Engines(new SkippedLayerExecutor(fewer, full, 1), null, true, List.of(fewer, full));
  }

  private static Engines garbage(Path model) throws IOException, UnusableModelException {
    ModelExecutor full = load(model);
    return new Engines(new GarbageRowsExecutor(full), null, false, List.of(full));
  }

  private static Engines misled(Path model) throws IOException, UnusableModelException {
    ModelExecutor full = load(model);
    return new Engines(new AlteredPromptExecutor(full, 1, 300), null, true, List.of(full));
  }

  /** The honest prover. */
  public CacheProver honest() {
    return honest;
  }

  /** The others. */
  public List<CacheProver> deviating() {
    return deviating;
  }

  /** Those of the others whose rows deviate, for a model whose tokens mean nothing. */
  public List<CacheProver> deviatingInRows() {
    return deviating.stream()
        .filter(prover -> prover.draw().equals(Draw.ORDERED))
        .filter(prover -> !prover.name().endsWith("honest prefill"))
        .toList();
  }
}
