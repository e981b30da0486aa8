package io.verillm.testkit;

import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.verdict.Reason;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.SamplingGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A prover that computes something else than what was ordered and claims the canonical class.
 *
 * @param name stable name
 * @param description what it really does, in a few words
 * @param expected the reason that a verifier gives
 * @param generator how its answers come about
 */
public record DeviatingProver(
    String name, String description, Reason expected, AnswerGenerator generator) {
  /** Refuses nulls. */
  public DeviatingProver {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(generator, "generator");
  }

  /** The block that the prover {@code skipped-layer} leaves out. */
  public static final int SKIPPED_BLOCK = 1;

  /** Loads a model folder; the caller closes what it returns. */
  @FunctionalInterface
  public interface Loader {
    /** Loads a folder in canonical arithmetic. */
    ModelExecutor load(Path folder) throws IOException, MalformedMessageException;
  }

  /**
   * The deviations that differ in what is computed.
   *
   * @param model folder of the ordered model
   * @param sibling folder of a smaller model with the same tokenizer
   * @param scratch folder for altered weights
   */
  public static List<DeviatingProver> all(
      Path model, Path sibling, Path scratch, Tokenizer tokenizer, Loader loader)
      throws IOException, MalformedMessageException {
    ModelExecutor honest = loader.load(model);
    ModelExecutor int8 = loader.load(AlteredWeights.int8PerChannel(model, scratch.resolve("int8")));
    ModelExecutor int4 = loader.load(AlteredWeights.int4Groups(model, scratch.resolve("int4")));
    ModelExecutor smaller = loader.load(sibling);
    ModelExecutor shortened =
        loader.load(
            AlteredWeights.withoutBlock(model, scratch.resolve("shortened"), SKIPPED_BLOCK));
    Function<ModelExecutor, AnswerGenerator> sampling =
        executor -> new SamplingGenerator(executor, tokenizer);
    AnswerGenerator ordinary = sampling.apply(honest);

    List<DeviatingProver> provers = new ArrayList<>();
    provers.add(
        new DeviatingProver(
            "int8-weights",
            "weights rounded to 8 bits per channel",
            Reason.ACTIVATION_MISMATCH,
            sampling.apply(int8)));
    provers.add(
        new DeviatingProver(
            "int4-weights",
            "weights rounded to 4 bits in groups of 32",
            Reason.ACTIVATION_MISMATCH,
            sampling.apply(int4)));
    provers.add(
        new DeviatingProver(
            "smaller-sibling",
            "a smaller model, its rows padded to the ordered shape",
            Reason.ACTIVATION_MISMATCH,
            sampling.apply(new PaddedSiblingExecutor(smaller, honest.dimensions()))));
    provers.add(
        new DeviatingProver(
            "skipped-layer",
            "block " + SKIPPED_BLOCK + " left out, its cache rows filled in",
            Reason.ACTIVATION_MISMATCH,
            sampling.apply(new SkippedLayerExecutor(shortened, honest, SKIPPED_BLOCK))));
    provers.add(
        new DeviatingProver(
            "altered-prompt",
            "computes with another token at position 1",
            Reason.ACTIVATION_MISMATCH,
            sampling.apply(new AlteredPromptExecutor(honest, 1, 300))));
    provers.add(
        new DeviatingProver(
            "altered-token",
            "puts one output token of its own choice in",
            Reason.TOKEN_MISMATCH,
            new AlteredTokenGenerator(honest, tokenizer)));
    provers.add(
        new DeviatingProver(
            "wrong-temperature",
            "draws at a quarter of the ordered temperature",
            Reason.TOKEN_MISMATCH,
            ReorderedGenerator.withSettings(ordinary, Settings::cooler)));
    provers.add(
        new DeviatingProver(
            "wrong-seed",
            "draws with a seed of its own choice",
            Reason.TOKEN_MISMATCH,
            ReorderedGenerator.withSeed(ordinary, Settings::ownSeed)));
    provers.add(
        new DeviatingProver(
            "early-stop",
            "stops at a third of the ordered length",
            Reason.EARLY_STOP,
            ReorderedGenerator.withSettings(ordinary, Settings::shorter)));
    provers.add(
        new DeviatingProver(
            "cheap-decode",
            "a smaller model writes the answer, one honest prefill is committed",
            Reason.TOKEN_MISMATCH,
            // Not the 4-bit weights: now and then they draw all 48 tokens of an answer as the
            // ordered
            // model does, and then the answer is the ordered one and rightly accepted.
            new CheapDecodeGenerator(sampling.apply(smaller), honest)));
    return List.copyOf(provers);
  }
}
