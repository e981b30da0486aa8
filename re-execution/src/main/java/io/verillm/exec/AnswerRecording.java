package io.verillm.exec;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.OutputText;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.HeadChain;
import io.verillm.core.trace.HeadSigner;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.trace.TraceStore;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Hkdf;
import io.verillm.core.wire.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * What happens between an order and the signature of its receipt: the answer is generated, its
 * trace recorded, and the receipt put together. It keeps no files and no journal; {@link Prover}
 * does, and is what serves orders that somebody pays for.
 *
 * <p>One order at a time if the generator takes one at a time.
 */
public final class AnswerRecording {
  private static final byte[] SALT_INFO =
      "verillm/token-id-salts/v1".getBytes(StandardCharsets.US_ASCII);

  private final SigningKey key;
  private final Digest32 model;
  private final AnswerGenerator generator;
  private final Tokenizer tokenizer;
  private final TraceProfile profile;
  private final Choices choices;

  /** Begins a trace. */
  private interface Recorders {
    TraceRecorder begin(
        TraceProfile profile,
        ModelDimensions dimensions,
        TraceId id,
        JobSecret secret,
        TraceStore store);
  }

  /** What may be chosen beside what has to be given; no heads if they come every 0 positions. */
  private record Choices(
      Recorders recorders,
      int headsEvery,
      String headsNetwork,
      Function<TraceId, List<TensorCommitment>> commitments) {
    Choices with(Recorders other) {
      return new Choices(other, headsEvery, headsNetwork, commitments);
    }
  }

  /**
   * Makes a recording for one node.
   *
   * @param model digest of the weights as they are served
   * @param profile trace profile to record
   */
  public AnswerRecording(
      SigningKey key,
      Digest32 model,
      AnswerGenerator generator,
      Tokenizer tokenizer,
      TraceProfile profile) {
    this(
        key,
        model,
        generator,
        tokenizer,
        profile,
        new Choices(TraceRecorder::new, 0, "", trace -> List.of()));
  }

  private AnswerRecording(
      SigningKey key,
      Digest32 model,
      AnswerGenerator generator,
      Tokenizer tokenizer,
      TraceProfile profile,
      Choices choices) {
    this.key = Objects.requireNonNull(key, "key");
    this.model = Objects.requireNonNull(model, "model");
    this.generator = Objects.requireNonNull(generator, "generator");
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    this.profile = Objects.requireNonNull(profile, "profile");
    this.choices = choices;
  }

  private AnswerRecording with(Choices other) {
    return new AnswerRecording(key, model, generator, tokenizer, profile, other);
  }

  /** Has rows hashed and kept by tasks of {@code executor} while the next token is computed. */
  public AnswerRecording hashingOn(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return with(
        choices.with(
            (profile, dimensions, id, secret, store) ->
                TraceRecorder.overlapped(profile, dimensions, id, secret, store, executor)));
  }

  /**
   * Has rows hashed where an engine keeps them, in one call per step, instead of {@link #hashingOn
   * on another thread}. They are fetched when the answer is complete, so that a head on the way is
   * signed before its rows are on disk.
   *
   * @param kernels must be able to read the engine's memory
   */
  public AnswerRecording hashingInPlace(CommitKernels kernels) {
    Objects.requireNonNull(kernels, "kernels");
    return with(
        choices.with(
            (profile, dimensions, id, secret, store) ->
                TraceRecorder.inPlace(profile, dimensions, id, secret, store, kernels)));
  }

  /**
   * Signs a head after every so many positions.
   *
   * @param everyPositions at least 1
   * @param networkId what the heads are signed for
   */
  public AnswerRecording signingHeads(int everyPositions, String networkId) {
    if (everyPositions < 1) {
      throw new IllegalArgumentException("a head every " + everyPositions + " positions");
    }
    Objects.requireNonNull(networkId, "networkId");
    return with(new Choices(choices.recorders, everyPositions, networkId, choices.commitments));
  }

  /**
   * Puts tensor commitments into receipts.
   *
   * @param source called once an answer is complete, with the name of its trace
   */
  public AnswerRecording committingTensors(Function<TraceId, List<TensorCommitment>> source) {
    Objects.requireNonNull(source, "source");
    return with(new Choices(choices.recorders, choices.headsEvery, choices.headsNetwork, source));
  }

  /**
   * An answer and the receipt for it, not yet signed.
   *
   * @param answer what is delivered, with its salts
   * @param receipt what is to be signed
   * @param heads the heads on the way, if they were asked for
   */
  public record Recorded(Answer answer, Receipt receipt, Optional<HeadChain> heads) {
    /** Refuses nulls. */
    public Recorded {
      Objects.requireNonNull(answer, "answer");
      Objects.requireNonNull(receipt, "receipt");
      Objects.requireNonNull(heads, "heads");
    }
  }

  /**
   * Answers an order, whatever it asks for; whether to take it is the caller's decision.
   *
   * @param order the order; its digest is the id of the message that carried it
   * @param secret behind the salts of this trace, never used for another
   * @param store an empty store, which holds the whole trace afterwards
   * @param position reserved place in the node's chain of receipts
   * @param progress called with the number of output tokens so far
   */
  public Recorded record(
      JobOrder order,
      JobSecret secret,
      TraceStore store,
      ChainPosition position,
      IntConsumer progress) {
    Digest32 orderDigest = order.digest();
    SeedProof seedProof = SeedProof.prove(key, orderDigest);
    TraceId traceId =
        TraceId.compute(
            orderDigest, key.verifyingKey().toByteArray(), TraceRole.PROVER, profile.digest());
    TraceRecorder recorder =
        choices.recorders.begin(profile, generator.dimensions(), traceId, secret, store);
    Optional<HeadSigner> heads = Optional.empty();
    if (choices.headsEvery > 0) {
      heads = Optional.of(new HeadSigner(key, choices.headsNetwork, traceId));
      recorder.onHead(choices.headsEvery, heads.get());
    }
    AnswerGenerator.Generated generated =
        generator.generate(
            order,
            seedProof.seed(key.verifyingKey(), orderDigest).orElseThrow(),
            recorder,
            progress);
    Answer answer = answer(order, generated, secret, traceId);
    Receipt receipt =
        new Receipt(
            orderDigest,
            order.requestBody(),
            answer.responseDigest(),
            answer.promptDigest(order.prompt()),
            order.prompt().size(),
            answer.outputDigest(),
            generated.output().size(),
            generated.finish(),
            model,
            generator.executionClass(),
            profile.digest(),
            recorder.head(),
            seedProof,
            position,
            choices.commitments.apply(traceId));
    return new Recorded(answer, receipt, heads.map(signer -> signer.chain(recorder)));
  }

  private Answer answer(
      JobOrder order, AnswerGenerator.Generated generated, JobSecret secret, TraceId traceId) {
    byte[] salts =
        Hkdf.derive(
            secret.toByteArray(),
            traceId.digest().toByteArray(),
            SALT_INFO,
            2 * TokenIds.SALT_LENGTH);
    byte[] promptSalt = Arrays.copyOf(salts, TokenIds.SALT_LENGTH);
    byte[] outputSalt = Arrays.copyOfRange(salts, TokenIds.SALT_LENGTH, salts.length);
    return new Answer(
        generated.output(),
        OutputText.delivered(generated.output(), order.sampling(), tokenizer),
        promptSalt,
        outputSalt);
  }
}
