package io.verillm.tensorcommit.trace;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.verdict.DrawnRows;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A recorded run of a model that computes nothing, and what a verifier sees of it. */
final class CommittedRun {
  static final int POSITIONS = 5;
  static final ModelDimensions DIMENSIONS = new ModelDimensions(2, 5, 3, 2, 100, 64);
  static final RowKey LAST = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 1);
  static final TraceProfile PROFILE = TraceProfile.standard(DType.BF16).withCommitments();

  final MemoryTrace trace = new MemoryTrace();
  final JobOrder order;
  final Receipt receipt;

  private final SigningKey key = SigningKey.fromSeed(new byte[32]);
  private final TraceRecorder recorder;

  /**
   * Runs and records.
   *
   * @param committing what the prover runs, around the model that it is given
   * @param lie what the recorder gets instead of a row
   */
  CommittedRun(
      UnaryOperator<ModelExecutor> committing, UnaryOperator<Map.Entry<RowKey, TensorView>> lie) {
    order =
        new JobOrder(
            key.verifyingKey(),
            Digest32.sha256(),
            Digest32.sha256(),
            Digest32.sha256(),
            Digest32.sha256(),
            TokenIds.of(1, 2, 3),
            SamplingManifest.builder(3).build(),
            PROFILE.digest(),
            EvidenceLevel.ACTIVATIONS,
            Digest32.sha256(),
            Optional.empty(),
            1);
    TraceId id =
        TraceId.compute(
            order.digest(), key.verifyingKey().toByteArray(), TraceRole.PROVER, PROFILE.digest());
    recorder = new TraceRecorder(PROFILE, DIMENSIONS, id, JobSecret.copyOf(new byte[32]), trace);
    ModelExecutor executor = committing.apply(new Noise());
    CaptureSink lying =
        new CaptureSink() {
          @Override
          public boolean wants(RowKey row) {
            return recorder.wants(row);
          }

          @Override
          public void accept(RowKey row, int firstPosition, TensorView rows) {
            recorder.accept(row, firstPosition, lie.apply(Map.entry(row, rows)).getValue());
          }
        };
    try (DecodeSession session = executor.openSession(POSITIONS + 1, lying)) {
      for (int i = 0; i < POSITIONS; i++) {
        recorder.feed(i + 1);
        executor.decodeStep(session, i + 1);
      }
    }
    recorder.pushUnfed(POSITIONS, 6);
    List<TensorCommitment> roots =
        executor instanceof CommittingExecutor honest ? honest.receiptCommitments(id) : List.of();
    receipt = receipt(roots);
  }

  /** The receipt that carries these roots. */
  Receipt receipt(List<TensorCommitment> roots) {
    return new Receipt(
        order.digest(),
        order.requestBody(),
        Digest32.sha256(),
        Digest32.sha256(),
        3,
        Digest32.sha256(),
        3,
        FinishReason.LENGTH,
        order.model(),
        new ExecutionClass("a", "1", "other", "BF16", "k", "d", "1"),
        PROFILE.digest(),
        recorder.head(),
        SeedProof.prove(key, order.digest()),
        new ChainPosition(0, 0, ChainPosition.NONE),
        roots);
  }

  /** What a verifier holds once the paths of some positions' rows were checked. */
  ReplaySubject subject(Receipt signed, List<Integer> rows, int... positions) throws IOException {
    Map<Integer, List<Integer>> request = new TreeMap<>();
    IntStream.of(positions).forEach(position -> request.put(position, rows));
    TraceLayout layout = trace.layout();
    OpeningOutcome outcome =
        TraceOpening.open(trace, request).verify(signed.head(), trace.id(), layout);
    return new ReplaySubject(
        order,
        signed,
        TokenIds.of(4, 5, 6),
        signed.seedProof().seed(key.verifyingKey(), order.digest()).orElseThrow(),
        new DrawnRows(ChallengePlan.EVERYTHING, Digest32.sha256(), new TreeMap<>(request)),
        (OpeningOutcome.Verified) outcome);
  }

  /** All rows of the layout. */
  List<Integer> allRows() {
    return IntStream.range(0, trace.layout().rows().size()).boxed().toList();
  }

  /** Gives rows of seeded noise. */
  private static final class Noise implements ModelExecutor {
    private final Random random = new Random(17);

    private record Session(CaptureSink capture, int[] fed) implements DecodeSession {
      @Override
      public int length() {
        return fed[0];
      }

      @Override
      public void close() {}
    }

    @Override
    public ExecutionClass describe() {
      return new ExecutionClass("a", "1", "other", "BF16", "k", "d", "1");
    }

    @Override
    public ModelDimensions dimensions() {
      return DIMENSIONS;
    }

    @Override
    public Digest32 modelDigest() {
      return Digest32.sha256();
    }

    @Override
    public void prefill(
        int[] tokens,
        LayerRange layers,
        @Nullable TensorView boundaryStates,
        CaptureSink capture,
        LogitsSink logits) {
      give(capture, 0, tokens.length);
    }

    private void give(CaptureSink capture, int first, int count) {
      for (int layer = 0; layer < DIMENSIONS.layers(); layer++) {
        give(capture, new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer), 3, first, count);
        give(capture, new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer), 2, first, count);
        give(
            capture, new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer), 5, first, count);
      }
    }

    private void give(CaptureSink capture, RowKey key, int width, int first, int count) {
      byte[] bytes = new byte[2 * width * count];
      random.nextBytes(bytes);
      if (capture.wants(key)) {
        capture.accept(
            key, first, TensorView.of(DType.BF16, Shape.of(count, width), ByteBuffer.wrap(bytes)));
      }
    }

    @Override
    public DecodeSession openSession(int capacity, CaptureSink capture) {
      return new Session(capture, new int[1]);
    }

    @Override
    public float[] decodeStep(DecodeSession session, int token) {
      Session own = (Session) session;
      give(own.capture(), own.fed()[0]++, 1);
      return new float[100];
    }

    @Override
    public LayerResult layer(
        int layer, int firstPosition, TensorView input, TensorView keys, TensorView values) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
