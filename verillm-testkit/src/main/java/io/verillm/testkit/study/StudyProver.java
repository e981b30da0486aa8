package io.verillm.testkit.study;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.BatchingExecutor;
import io.verillm.exec.HuggingFaceJsonTokenizer;
import io.verillm.exec.Models;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.UnusableModelException;
import io.verillm.testkit.AlteredCacheKernels;
import io.verillm.testkit.AlteredPromptExecutor;
import io.verillm.testkit.AlteredTokenGenerator;
import io.verillm.testkit.AlteredWeights;
import io.verillm.testkit.CheapDecodeGenerator;
import io.verillm.testkit.PaddedSiblingExecutor;
import io.verillm.testkit.ReorderedGenerator;
import io.verillm.testkit.SkippedLayerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * One prover of the study: its executors, and a generator for each answer. All claim the studied
 * class, and all but the honest ones deviate in one thing. Generators may be used by several
 * threads.
 */
public final class StudyProver implements AutoCloseable {
  /** The honest prover. */
  public static final String HONEST = "honest";

  private final List<Models.LoadedModel> opened = new ArrayList<>();
  private final List<BatchingExecutor> batches = new ArrayList<>();
  private final StudyClass claimed;
  private final HuggingFaceJsonTokenizer tokenizer;
  private final AnswerGenerator generator;

  /** What a prover does, and what is promised about it. */
  public enum Kind {
    HONEST("honest", "the ordered model", false),
    INT8("int8-weights", "weights rounded to 8 bits per channel", false),
    INT4("int4-weights", "weights rounded to 4 bits in groups of 32", true),
    FP8_CACHE("fp8-cache", "attends to a cache in FP8 E4M3", false),
    FP8_WEIGHTS("fp8-weights", "weights rounded to FP8 E4M3 per channel", false),
    SIBLING("smaller-sibling", "a smaller model, its rows padded", true),
    ADAPTER_SMALL("adapter-0.1%", "a rank-8 change of 0.1 % of each matrix", false),
    ADAPTER_MIDDLE("adapter-1%", "a rank-8 change of 1 % of each matrix", false),
    ADAPTER_LARGE("adapter-10%", "a rank-8 change of 10 % of each matrix", false),
    SKIPPED_LAYER("skipped-layer", "block 1 left out, its cache rows filled in", true),
    SUFFIX_ONLY("suffix-cheat", "the last block in 4 bits, the others as ordered", false),
    TRUNCATED_CACHE("truncated-cache", "attends to the last 16 positions only", false),
    ALTERED_PROMPT("altered-prompt", "computes with another token at position 1", true),
    ALTERED_TOKEN("altered-token", "puts one output token of its own choice in", true),
    COOLER("temperature-0.9", "draws at 0.9 of the ordered temperature", false),
    WARMER("temperature-1.1", "draws at 1.1 of the ordered temperature", false),
    WRONG_SEED("wrong-seed", "draws with a seed of its own choice", true),
    TOP_K("top-k-50", "draws among the 50 likeliest tokens, ordered were all", false),
    CHEAP_SIBLING(
        "cheap-decode-sibling", "the sibling writes, one honest prefill is committed", true),
    CHEAP_INT4("cheap-decode-int4", "4-bit weights write, one honest prefill is committed", true),
    MASQUERADE("too-quiet", "canonical arithmetic that claims the studied class", false),
    FOREIGN(
        "foreign-class", "the ordered model in a class that the calibration does not cover", false);

    private final String id;
    private final String description;
    private final boolean promised;

    Kind(String id, String description, boolean promised) {
      this.id = id;
      this.description = description;
      this.promised = promised;
    }

    /** Stable name. */
    public String id() {
      return id;
    }

    /** What it really does. */
    public String description() {
      return description;
    }

    /** Whether it must be detected within 128 tokens in 99 % of the cases. */
    public boolean promised() {
      return promised;
    }

    /** Whether it deviates in the rows that it commits; the others deviate in tokens alone. */
    public boolean showsInRows() {
      return switch (this) {
        case ALTERED_TOKEN, COOLER, WARMER, WRONG_SEED, TOP_K, CHEAP_SIBLING, CHEAP_INT4 -> false;
        default -> true;
      };
    }

    /** The kind of a name. */
    public static Kind of(String id) {
      for (Kind kind : values()) {
        if (kind.id.equals(id)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no prover " + id);
    }
  }

  /**
   * Opens a prover.
   *
   * @param claimed the class that it claims
   * @param model folder of the ordered model
   * @param sibling folder of a smaller model with the same tokenizer
   * @param scratch folder for altered weights
   */
  public static StudyProver open(
      Kind kind, StudyClass claimed, Path model, Path sibling, Path scratch)
      throws IOException, MalformedMessageException {
    return new StudyProver(kind, claimed, model, sibling, scratch);
  }

  private StudyProver(Kind kind, StudyClass claimed, Path model, Path sibling, Path scratch)
      throws IOException, MalformedMessageException {
    this.claimed = claimed;
    BatchingExecutor honest = load(model);
    tokenizer = opened.get(0).tokenizer();
    generator = generator(kind, honest, model, sibling, scratch);
  }

  private AnswerGenerator generator(
      Kind kind, BatchingExecutor honest, Path model, Path sibling, Path scratch)
      throws IOException, MalformedMessageException {
    AnswerGenerator ordinary = sampling(honest);
    ModelDimensions sizes = honest.dimensions();
    return switch (kind) {
      case HONEST -> ordinary;
      case INT8 -> sampling(load(AlteredWeights.int8PerChannel(model, scratch.resolve("int8"))));
      case INT4 -> sampling(int4(model, scratch));
      case FP8_CACHE -> sampling(load(model, AlteredCacheKernels.fp8(claimed.kernels())));
      case FP8_WEIGHTS ->
          sampling(load(AlteredWeights.fp8PerChannel(model, scratch.resolve("fp8"))));
      case SIBLING -> sampling(new PaddedSiblingExecutor(load(sibling), sizes));
      case ADAPTER_SMALL -> adapter(model, scratch, 0.001);
      case ADAPTER_MIDDLE -> adapter(model, scratch, 0.01);
      case ADAPTER_LARGE -> adapter(model, scratch, 0.1);
      case SKIPPED_LAYER ->
          sampling(
              new SkippedLayerExecutor(
                  load(AlteredWeights.withoutBlock(model, scratch.resolve("shortened"), 1)),
                  honest,
                  1));
      case SUFFIX_ONLY ->
          sampling(
              load(AlteredWeights.int4From(model, scratch.resolve("suffix"), sizes.layers() - 1)));
      case TRUNCATED_CACHE ->
          sampling(load(model, AlteredCacheKernels.truncated(claimed.kernels(), 16)));
      case ALTERED_PROMPT -> sampling(new AlteredPromptExecutor(honest, 1, 300));
      case ALTERED_TOKEN -> new AlteredTokenGenerator(honest, tokenizer);
      case COOLER -> scaled(ordinary, 0.9);
      case WARMER -> scaled(ordinary, 1.1);
      case WRONG_SEED ->
          ReorderedGenerator.withSeed(ordinary, proven -> SamplingSeed.ofKey(0x5eed, 1));
      case TOP_K ->
          ReorderedGenerator.withSettings(ordinary, ordered -> copy(ordered).topK(50).build());
      case CHEAP_SIBLING -> new CheapDecodeGenerator(sampling(load(sibling)), honest);
      case CHEAP_INT4 -> new CheapDecodeGenerator(sampling(int4(model, scratch)), honest);
      case MASQUERADE ->
          new Claiming(sampling(load(model, CanonicalKernels.singleThreaded())), honest.describe());
      case FOREIGN ->
          sampling(
              load(
                  model,
                  (claimed == StudyClass.FP32 ? StudyClass.BF16 : StudyClass.FP32).kernels()));
    };
  }

  private static AnswerGenerator scaled(AnswerGenerator ordinary, double factor) {
    return ReorderedGenerator.withSettings(
        ordinary,
        ordered ->
            copy(ordered)
                .temperatureMicros((int) Math.round(ordered.temperatureMicros() * factor))
                .build());
  }

  private static SamplingManifest.Builder copy(SamplingManifest ordered) {
    return SamplingManifest.builder(ordered.maxTokens())
        .temperatureMicros(ordered.temperatureMicros())
        .topK(ordered.topK())
        .topPMicros(ordered.topPMicros())
        .minTokens(ordered.minTokens())
        .eosIds(ordered.eosIds());
  }

  private AnswerGenerator adapter(Path model, Path scratch, double share)
      throws IOException, MalformedMessageException {
    return sampling(
        load(AlteredWeights.lowRank(model, scratch.resolve("adapter-" + share), share, 8)));
  }

  private ModelExecutor int4(Path model, Path scratch)
      throws IOException, MalformedMessageException {
    return load(AlteredWeights.int4Groups(model, scratch.resolve("int4")));
  }

  private BatchingExecutor load(Path folder) throws IOException, MalformedMessageException {
    return load(folder, claimed.kernels());
  }

  private BatchingExecutor load(Path folder, ArithmeticKernels kernels)
      throws IOException, MalformedMessageException {
    Models.LoadedModel loaded;
    try {
      loaded = Models.load(folder, kernels);
    } catch (UnusableModelException e) {
      throw new IOException("the study cannot run " + folder, e);
    }
    opened.add(loaded);
    BatchingExecutor batch = new BatchingExecutor(loaded.executor());
    batches.add(batch);
    return batch;
  }

  private AnswerGenerator sampling(ModelExecutor executor) {
    return new SamplingGenerator(executor, tokenizer);
  }

  /** What answers come from; thread-safe. */
  public AnswerGenerator generator() {
    return generator;
  }

  /** The tokenizer of the ordered model. */
  public HuggingFaceJsonTokenizer tokenizer() {
    return tokenizer;
  }

  /** Executors whose steps answers may share. */
  public List<BatchingExecutor> batches() {
    return List.copyOf(batches);
  }

  @Override
  public void close() {
    opened.forEach(Models.LoadedModel::close);
  }

  /** Runs one thing and states the class of another. */
  private record Claiming(AnswerGenerator runs, ExecutionClass executionClass)
      implements AnswerGenerator {
    @Override
    public ModelDimensions dimensions() {
      return runs.dimensions();
    }

    @Override
    public Generated generate(
        JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress) {
      return runs.generate(order, seed, recorder, progress);
    }
  }
}
