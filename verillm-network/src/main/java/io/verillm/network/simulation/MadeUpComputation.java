package io.verillm.network.simulation;

import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.network.message.Vote;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Rows and tokens that follow from the order and from who computes, for runs of many jobs in which
 * only the messages matter. Half of the wrong computations show in their tokens, all in their rows,
 * except those that re-read their own text honestly.
 */
public final class MadeUpComputation implements Computation {
  private static final ModelDimensions DIMENSIONS = new ModelDimensions(2, 4, 2, 2, 100, 64);
  private static final TraceProfile PROFILE = TraceProfile.standard(DType.F32);
  private static final int PROMPT = 3;
  private static final int OUTPUT = 5;

  private final TraceLayout layout = TraceLayout.of(PROFILE, DIMENSIONS);

  /** Makes the computation. */
  public MadeUpComputation() {}

  @Override
  public TraceLayout layout() {
    return layout;
  }

  private static Digest32 digest(String text, long number) {
    return Digest32.sha256(
        text.getBytes(StandardCharsets.US_ASCII), ByteBuffer.allocate(8).putLong(number).array());
  }

  @Override
  public JobOrder order(VerifyingKey node, long number) {
    int[] prompt = new int[PROMPT];
    for (int i = 0; i < PROMPT; i++) {
      prompt[i] = (int) Math.floorMod(mix(number * PROMPT + i), 100L);
    }
    return new JobOrder(
        node,
        digest("model", 0),
        digest("tokenizer", 0),
        Digest32.sha256(),
        digest("request", number),
        TokenIds.of(prompt),
        SamplingManifest.builder(OUTPUT).build(),
        PROFILE.digest(),
        EvidenceLevel.CACHE,
        digest("nonce", number),
        Optional.empty(),
        0);
  }

  private static long mix(long seed) {
    return new SeededRandom(seed).nextLong();
  }

  private static long seedOf(JobOrder order) {
    return ByteBuffer.wrap(order.nonce().toByteArray()).getLong();
  }

  private static TokenIds tokens(long seed) {
    int[] tokens = new int[OUTPUT];
    for (int i = 0; i < OUTPUT; i++) {
      tokens[i] = (int) Math.floorMod(mix(seed + i), 100L);
    }
    return TokenIds.of(tokens);
  }

  private static boolean drawsOthers(NodeKind kind, long seed) {
    return switch (kind) {
      case CHEAP_DECODE, SELF_DEALING -> true;
      case QUANTISED, SMALLER_MODEL, SKIPPED_LAYER, NOISY_CLASS, COLLUDING, WITHHOLDING ->
          (mix(seed + 77) & 1) == 0;
      default -> false;
    };
  }

  private static long rowSeed(NodeKind kind, long seed, int position) {
    boolean right =
        switch (kind) {
          case QUANTISED, SMALLER_MODEL, SKIPPED_LAYER, NOISY_CLASS, COLLUDING, SELF_DEALING ->
              false;
          case WITHHOLDING -> position < NetworkSimulation.HONEST_POSITIONS;
          default -> true;
        };
    return mix(seed + 1000L * position + (right ? 0 : kind.label().hashCode() | 1));
  }

  @Override
  public Made answer(NodeKind kind, SigningKey prover, JobOrder order, ChainPosition position) {
    long seed = seedOf(order);
    TokenIds output = tokens(drawsOthers(kind, seed) ? seed + 1 : seed);
    Answer answer = new Answer(output, new byte[] {1}, new byte[16], new byte[16]);
    MemoryTrace trace = trace(kind, prover.verifyingKey(), TraceRole.PROVER, order, output, seed);
    return new Made(receipt(kind, prover, order, answer, trace.head(), position), answer, trace);
  }

  private MemoryTrace trace(
      NodeKind kind,
      VerifyingKey party,
      TraceRole role,
      JobOrder order,
      TokenIds output,
      long seed) {
    return InventedRows.record(
        layout,
        TraceId.compute(order.digest(), party.toByteArray(), role, order.profile()),
        order.prompt().concat(output).toArray(),
        position -> rowSeed(kind, seed, position));
  }

  private static Receipt receipt(
      NodeKind kind,
      SigningKey prover,
      JobOrder order,
      Answer answer,
      TraceHead head,
      ChainPosition position) {
    String arithmetic =
        kind == NodeKind.NOISY_CLASS ? "noisy" : ExecutionClass.CANONICAL_ARITHMETIC;
    return new Receipt(
        order.digest(),
        order.requestBody(),
        answer.responseDigest(),
        answer.promptDigest(order.prompt()),
        PROMPT,
        answer.outputDigest(),
        OUTPUT,
        FinishReason.LENGTH,
        order.model(),
        new ExecutionClass("made-up", "1", arithmetic, "F32", "java", "cpu", "1"),
        order.profile(),
        head,
        SeedProof.prove(prover, order.digest()),
        position,
        List.of());
  }

  @Override
  public Examined examine(
      NodeKind like, SigningKey member, JobOrder order, Receipt receipt, Answer answer) {
    long seed = seedOf(order);
    boolean right = answer.output().equals(tokens(seed));
    Vote vote =
        !receipt.executionClass().isCanonical()
            ? Vote.UNDECIDED
            : right ? Vote.ACCEPT : Vote.REJECT;
    return new Examined(
        trace(like, member.verifyingKey(), TraceRole.VERIFIER, order, answer.output(), seed),
        vote,
        right ? OptionalInt.empty() : OptionalInt.of(PROMPT));
  }

  @Override
  public Optional<ModelExecutor> model() {
    return Optional.empty();
  }
}
