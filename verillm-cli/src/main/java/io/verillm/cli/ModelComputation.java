package io.verillm.cli;

import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.AnswerRecording;
import io.verillm.exec.SamplingGenerator;
import io.verillm.network.message.Vote;
import io.verillm.network.simulation.Computation;
import io.verillm.network.simulation.NetworkSimulation;
import io.verillm.network.simulation.NodeKind;
import io.verillm.testkit.AlteredWeights;
import io.verillm.testkit.CheapDecodeGenerator;
import io.verillm.testkit.DeviatingProver;
import io.verillm.testkit.LateCheapExecutor;
import io.verillm.testkit.PaddedSiblingExecutor;
import io.verillm.testkit.SkippedLayerExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * Nodes that run the demo model, or what their kind runs instead, in canonical arithmetic and with
 * a trace of every layer, so that disputes can be narrowed down to one step.
 */
final class ModelComputation implements Computation, AutoCloseable {
  private static final double TEMPERATURE = 0.8;

  private final List<LoadedModel> opened = new ArrayList<>();
  private final LoadedModel ordered;
  private final ModelExecutor quantised;
  private final Map<NodeKind, AnswerGenerator> generators = new EnumMap<>(NodeKind.class);
  private final TraceProfile profile = TraceProfile.dispute(DType.F32);
  private final TraceLayout layout;
  private final int tokens;

  /**
   * Loads the models.
   *
   * @param folder for the models and the altered weights
   * @param tokens output tokens per answer
   */
  ModelComputation(Path folder, int tokens) throws IOException {
    this.tokens = tokens;
    Path main = DemoModel.MAIN.copyTo(folder.resolve("demo"));
    this.ordered = load(main);
    ModelExecutor honest = ordered.executor();
    this.layout = TraceLayout.of(profile, honest.dimensions());
    try {
      quantised = load(AlteredWeights.int4Groups(main, folder.resolve("int4"))).executor();
      ModelExecutor sibling =
          new PaddedSiblingExecutor(
              load(DemoModel.SIBLING.copyTo(folder.resolve("sibling"))).executor(),
              honest.dimensions());
      ModelExecutor shortened =
          load(AlteredWeights.withoutBlock(
                  main, folder.resolve("shortened"), DeviatingProver.SKIPPED_BLOCK))
              .executor();
      AnswerGenerator ordinary = sampling(honest);
      generators.put(NodeKind.QUANTISED, sampling(quantised));
      generators.put(NodeKind.COLLUDING, sampling(quantised));
      generators.put(NodeKind.SMALLER_MODEL, sampling(sibling));
      generators.put(NodeKind.SELF_DEALING, sampling(sibling));
      generators.put(
          NodeKind.SKIPPED_LAYER,
          sampling(new SkippedLayerExecutor(shortened, honest, DeviatingProver.SKIPPED_BLOCK)));
      generators.put(NodeKind.CHEAP_DECODE, new CheapDecodeGenerator(sampling(sibling), honest));
      generators.put(
          NodeKind.WITHHOLDING,
          sampling(new LateCheapExecutor(honest, quantised, NetworkSimulation.HONEST_POSITIONS)));
      generators.put(NodeKind.NOISY_CLASS, noisy(sampling(quantised)));
      for (NodeKind kind : NodeKind.values()) {
        generators.putIfAbsent(kind, ordinary);
      }
    } catch (MalformedMessageException e) {
      throw new IOException("the demo model cannot be altered: " + e.getMessage(), e);
    }
  }

  private LoadedModel load(Path folder) throws IOException {
    LoadedModel model = LoadedModel.load(folder, "canonical");
    opened.add(model);
    return model;
  }

  private AnswerGenerator sampling(ModelExecutor executor) {
    return new SamplingGenerator(executor, ordered.tokenizer());
  }

  /** The same answers under a declared class that is not canonical. */
  private static AnswerGenerator noisy(AnswerGenerator inner) {
    ExecutionClass real = inner.executionClass();
    ExecutionClass declared =
        new ExecutionClass(
            real.engine(),
            real.version(),
            "fp16-fast",
            "F16",
            real.kernels(),
            real.device(),
            real.batchShape());
    return new AnswerGenerator() {
      @Override
      public ExecutionClass executionClass() {
        return declared;
      }

      @Override
      public ModelDimensions dimensions() {
        return inner.dimensions();
      }

      @Override
      public Generated generate(
          JobOrder order, SamplingSeed seed, TraceRecorder recorder, IntConsumer progress) {
        return inner.generate(order, seed, recorder, progress);
      }
    };
  }

  LoadedModel ordered() {
    return ordered;
  }

  @Override
  public TraceLayout layout() {
    return layout;
  }

  @Override
  public Optional<ModelExecutor> model() {
    return Optional.of(ordered.executor());
  }

  @Override
  public JobOrder order(VerifyingKey node, long number) {
    String text =
        NetworkPrompts.TEXTS.get((int) Math.floorMod(number, (long) NetworkPrompts.TEXTS.size()));
    TokenIds prompt =
        TokenIds.of(ordered.tokenizer().promptPrefix())
            .concat(TokenIds.of(ordered.tokenizer().encode(text, false)));
    return new JobOrder(
        node,
        ordered.executor().modelDigest(),
        ordered.tokenizer().digest(),
        Digest32.sha256(),
        Digest32.sha256(text.getBytes(StandardCharsets.UTF_8)),
        prompt,
        Orders.settings(TEMPERATURE, 0, 1.0, tokens, tokens, ordered.eosIds()),
        profile.digest(),
        EvidenceLevel.CACHE,
        Digest32.sha256(("order " + number).getBytes(StandardCharsets.UTF_8)),
        Optional.empty(),
        0);
  }

  private static JobSecret secret(SigningKey key, JobOrder order) {
    return JobSecret.copyOf(
        Digest32.sha256(key.verifyingKey().toByteArray(), order.digest().toByteArray())
            .toByteArray());
  }

  @Override
  public Made answer(NodeKind kind, SigningKey prover, JobOrder order, ChainPosition position) {
    AnswerGenerator generator = generators.get(kind);
    if (generator == null) {
      throw new IllegalStateException("nothing is known about " + kind);
    }
    MemoryTrace trace = new MemoryTrace();
    AnswerRecording.Recorded recorded =
        new AnswerRecording(
                prover, ordered.executor().modelDigest(), generator, ordered.tokenizer(), profile)
            .record(order, secret(prover, order), trace, position, done -> {});
    return new Made(recorded.receipt(), recorded.answer(), trace);
  }

  @Override
  public Examined examine(
      NodeKind like, SigningKey member, JobOrder order, Receipt receipt, Answer answer) {
    ModelExecutor executor = like == NodeKind.COLLUDING ? quantised : ordered.executor();
    MemoryTrace trace = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(
            profile,
            executor.dimensions(),
            TraceId.compute(
                order.digest(),
                member.verifyingKey().toByteArray(),
                TraceRole.VERIFIER,
                profile.digest()),
            secret(member, order),
            trace);
    TokenIds output = answer.output();
    int[] all = order.prompt().concat(output).toArray();
    int[] fed = order.prompt().concat(output.prefix(output.size() - 1)).toArray();
    Optional<SamplingSeed> seed = receipt.seedProof().seed(order.node(), order.digest());
    Draws draws = new Draws(order.sampling(), seed, all, order.prompt().size());
    recorder.feed(fed);
    executor.prefill(fed, new LayerRange(0, layout.dimensions().layers()), null, recorder, draws);
    recorder.pushUnfed(fed.length, output.last());
    Vote vote;
    if (!receipt.executionClass().isCanonical()) {
      vote = Vote.UNDECIDED; // no calibration covers the declared class
    } else {
      vote = draws.wrong.isPresent() || seed.isEmpty() ? Vote.REJECT : Vote.ACCEPT;
    }
    return new Examined(trace, vote, draws.wrong);
  }

  /** Draws every output token again and keeps the place of the first that differs. */
  private static final class Draws implements LogitsSink {
    private final TokenSampler sampler;
    private final int[] tokens;
    private final int prompt;
    private OptionalInt wrong = OptionalInt.empty();

    Draws(SamplingManifest manifest, Optional<SamplingSeed> seed, int[] tokens, int prompt) {
      this.sampler =
          new TokenSampler(
              manifest, new GumbelNoise(seed.orElseGet(() -> SamplingSeed.ofKey(0, 0)), 0));
      this.tokens = tokens;
      this.prompt = prompt;
    }

    @Override
    public boolean wants(int position) {
      return position >= prompt - 1;
    }

    @Override
    public void accept(int position, float[] logits) {
      if (wrong.isEmpty()
          && sampler.draw(logits, tokens, prompt, position + 1) != tokens[position + 1]) {
        wrong = OptionalInt.of(position + 1);
      }
    }
  }

  @Override
  public void close() {
    opened.forEach(LoadedModel::close);
  }
}
