package io.verillm.exec.cost;

import io.verillm.core.challenge.Opening;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.SharedStepExecutor;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.exec.calibration.TrialProver;
import io.verillm.stats.calibration.Conditions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Times one request: a real answer with its receipt, challenge, opening and verdict, and decode
 * steps with and without commitment.
 *
 * <p>Decoding is timed over a run of steps around the middle of the answer and multiplied up: a
 * step's cost grows linearly with the length before it, so the middle stands for all. Runs without,
 * with serial and with overlapped commitment take turns, and medians are reported. Everything ran
 * before it is timed, as in a server that has been up for a while. Not thread-safe.
 */
public final class CostMeasurement {
  private static final int POSITIONS = 16;
  private static final int MOST_STEPS = 48;

  /** Decoded tokens after which the calls into an engine are compiled. */
  private static final int WARM_UP_TOKENS = 300;

  /** Rounds of {@link #MOST_STEPS} positions after which the recorder's code is compiled. */
  private static final int RECORDER_ROUNDS = 400;

  private final Tokenizer tokenizer;
  private final List<Integer> eosIds;
  private final TraceProfile profile;
  private final int repeats;

  /**
   * Makes a measurement for one model.
   *
   * @param repeats how often each time is taken, at least 1
   */
  public CostMeasurement(
      Tokenizer tokenizer, List<Integer> eosIds, TraceProfile profile, int repeats) {
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    this.eosIds = List.copyOf(eosIds);
    this.profile = Objects.requireNonNull(profile, "profile");
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats " + repeats);
    }
    this.repeats = repeats;
  }

  /**
   * Times one shape.
   *
   * @param serving runs the prover's steps, as many sequences at a time as the shape's batch
   * @param single runs everything else, one sequence at a time; may be {@code serving}
   * @throws IllegalArgumentException if the model takes fewer positions than the shape needs
   * @throws IOException if the answer cannot be kept
   */
  public RequestCost measure(
      RequestShape shape, SharedStepExecutor serving, SharedStepExecutor single)
      throws IOException {
    if (shape.prompt() + shape.answer() > single.dimensions().maxPositions()) {
      throw new IllegalArgumentException(
          shape.prompt()
              + " + "
              + shape.answer()
              + " positions, the model takes "
              + single.dimensions().maxPositions());
    }
    List<Decoded> plain = new ArrayList<>();
    List<Decoded> serial = new ArrayList<>();
    List<Decoded> overlapped = new ArrayList<>();
    ExecutorService hashing = Executors.newSingleThreadExecutor();
    try {
      warmUpRecorder(serving.dimensions(), hashing);
      int tokensPerRound = Math.min(shape.answer(), MOST_STEPS) * shape.batch();
      for (int tokens = 0; tokens < WARM_UP_TOKENS; tokens += tokensPerRound) {
        decode(shape, serving, Commitment.NONE, Runnable::run);
      }
      for (int i = 0; i < repeats; i++) {
        plain.add(decode(shape, serving, Commitment.NONE, Runnable::run));
        serial.add(decode(shape, serving, Commitment.SERIAL, Runnable::run));
        overlapped.add(decode(shape, serving, Commitment.OVERLAPPED, hashing));
      }
    } finally {
      hashing.shutdown();
    }
    Verified verified = verify(shape, single);
    double decode = median(plain.stream().mapToDouble(Decoded::seconds).toArray());
    return new RequestCost(
        shape,
        decode,
        median(serial.stream().mapToDouble(Decoded::seconds).toArray()),
        median(overlapped.stream().mapToDouble(Decoded::seconds).toArray()),
        median(serial.stream().mapToDouble(Decoded::committing).toArray()) / decode,
        median(overlapped.stream().mapToDouble(Decoded::committing).toArray()) / decode,
        verified.prefill,
        verified.verify,
        verified.half,
        verified.receiptBytes,
        verified.openingBytes);
  }

  /** A server's recorder has taken many tokens before; here they would all come from this one. */
  private void warmUpRecorder(ModelDimensions dimensions, Executor hashing) {
    int steps = Math.min(MOST_STEPS, dimensions.maxPositions());
    int[] announced = new int[steps];
    List<BufferView> zeros = new ArrayList<>();
    for (TraceLayout.Row row : TraceLayout.of(profile, dimensions).rows()) {
      ByteBuffer memory = ByteBuffer.allocateDirect(steps * row.rowBytes());
      zeros.add(BufferView.ofHost(memory, steps, row.rowBytes()));
    }
    for (int round = 0; round < RECORDER_ROUNDS; round++) {
      TimedRecorder recorder = new TimedRecorder();
      recorder.record(dimensions, round % 2 == 0 ? null : hashing, round);
      recorder.feed(announced);
      for (int position = 0; position < steps; position++) {
        if (round % 4 == 3) {
          recorder.acceptInPlace(position, 1, zeros);
        } else {
          recorder.acceptZeros(position);
        }
      }
      recorder.settle();
    }
  }

  private enum Commitment {
    NONE,
    SERIAL,
    OVERLAPPED
  }

  /** Seconds of one request's decode steps, and of the recorder's part of them. */
  private record Decoded(double seconds, double committing) {}

  private Decoded decode(
      RequestShape shape, SharedStepExecutor executor, Commitment commitment, Executor hashing) {
    int steps = Math.min(shape.answer(), MOST_STEPS);
    int before = shape.prompt() + (shape.answer() - steps) / 2;
    int[] context = tokens(before, executor.dimensions().vocabulary());
    List<DecodeSession> sessions = new ArrayList<>();
    List<TimedRecorder> recorders = new ArrayList<>();
    try {
      for (int i = 0; i < shape.batch(); i++) {
        TimedRecorder recorder = new TimedRecorder();
        recorders.add(recorder);
        if (commitment != Commitment.NONE) {
          recorder.record(
              executor.dimensions(), commitment == Commitment.OVERLAPPED ? hashing : null, i);
        }
        DecodeSession session = executor.openSession(before + steps, recorder);
        sessions.add(session);
        recorder.feed(context);
        executor.feed(session, context, LogitsSink.none());
        recorder.settle();
      }
      int[] next = tokens(shape.batch(), executor.dimensions().vocabulary());
      recorders.forEach(TimedRecorder::reset);
      long start = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        for (int i = 0; i < recorders.size(); i++) {
          recorders.get(i).feed(next[i]);
        }
        float[][] logits = executor.decodeStep(sessions, next);
        for (int i = 0; i < next.length; i++) {
          // the next token depends on the logits, as it does in a server
          next[i] = Float.isNaN(logits[i][0]) ? 0 : (next[i] + 1) % logits[i].length;
        }
      }
      recorders.forEach(TimedRecorder::settle);
      double seconds = (System.nanoTime() - start) * 1e-9;
      double committing = recorders.stream().mapToDouble(TimedRecorder::seconds).sum();
      double each = (double) shape.answer() / steps / shape.batch();
      return new Decoded(seconds * each, committing * each);
    } finally {
      sessions.forEach(DecodeSession::close);
    }
  }

  private static int[] tokens(int count, int vocabulary) {
    return new SplittableRandom(count).ints(count, 0, vocabulary).toArray();
  }

  /** A recorder, or none, that adds up the time that the engine's thread spends in it. */
  private final class TimedRecorder implements CaptureSink {
    private @Nullable TraceRecorder recorder;
    private long nanos;

    void record(ModelDimensions dimensions, @Nullable Executor hashing, int number) {
      TraceId id = new TraceId(Digest32.sha256(new byte[] {(byte) number}));
      JobSecret secret = JobSecret.copyOf(new byte[JobSecret.LENGTH]);
      recorder =
          hashing == null
              ? new TraceRecorder(profile, dimensions, id, secret, new MemoryTrace())
              : TraceRecorder.overlapped(
                  profile, dimensions, id, secret, new MemoryTrace(), hashing);
    }

    void feed(int... tokens) {
      if (recorder != null) {
        long start = System.nanoTime();
        recorder.feed(tokens);
        nanos += System.nanoTime() - start;
      }
    }

    @Override
    public boolean wants(RowKey key) {
      return recorder != null && recorder.wants(key);
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      if (recorder != null) {
        long start = System.nanoTime();
        recorder.accept(key, firstPosition, rows);
        nanos += System.nanoTime() - start;
      }
    }

    @Override
    public List<RowKey> readableInPlace(BufferView.Kind memory) {
      return recorder == null ? List.of() : recorder.readableInPlace(memory);
    }

    @Override
    public void acceptInPlace(int firstPosition, int positions, List<BufferView> rows) {
      if (recorder != null) {
        long start = System.nanoTime();
        recorder.acceptInPlace(firstPosition, positions, rows);
        nanos += System.nanoTime() - start;
      }
    }

    @Override
    public void releaseInPlace() {
      if (recorder != null) {
        recorder.releaseInPlace();
      }
    }

    void acceptZeros(int position) {
      for (TraceLayout.Row row : Objects.requireNonNull(recorder, "recorder").layout().rows()) {
        int bytes = row.width() * row.dtype().bytes();
        accept(
            row.key(),
            position,
            TensorView.of(row.dtype(), Shape.of(1, row.width()), ByteBuffer.allocate(bytes)));
      }
    }

    void settle() {
      if (recorder != null) {
        recorder.head();
      }
    }

    void reset() {
      nanos = 0;
    }

    double seconds() {
      return nanos * 1e-9;
    }
  }

  private record Verified(
      double prefill, double verify, double half, int receiptBytes, int openingBytes) {}

  private Verified verify(RequestShape shape, SharedStepExecutor executor) throws IOException {
    TrialPlan plan =
        new TrialPlan(
            "cost",
            shape.prompt(),
            shape.prompt(),
            shape.answer(),
            Math.min(POSITIONS, shape.fed()),
            List.of(new Conditions.Regime(SamplingManifest.ONE, 0, SamplingManifest.ONE)));
    TrialOrders orders =
        new TrialOrders(
            plan, executor.modelDigest(), executor.dimensions(), tokenizer, eosIds, profile);
    JobOrder order = orders.order(0);
    TrialProver.Answered answered;
    try (TrialProver prover =
        new TrialProver(
            orders.prover(), executor.modelDigest(), tokenizer, profile, List.of(), 1)) {
      answered =
          prover.answer(List.of(order), i -> new SamplingGenerator(executor, tokenizer)).get(0);
    }
    SignedMessage receipt = answered.receipt();
    byte[] opening =
        Opening.of(
                orders.challenge(order, orders.ack(0, receipt)),
                orders.source(),
                decoded(receipt),
                answered.answer(),
                answered.trace())
            .sign(orders.prover(), TrialOrders.NETWORK)
            .encode();
    Submission submission = orders.submission(order, receipt, 0, opening);
    ReceiptVerifier verifier =
        ReceiptVerifier.of(orders.policy().build())
            .withReplay(new PrefillReplay(executor))
            .withTokenizer(tokenizer);
    int[] fed =
        Arrays.copyOf(order.prompt().concat(answered.answer().output()).toArray(), shape.fed());
    double[] prefill = new double[repeats];
    double[] verify = new double[repeats];
    double[] half = new double[repeats];
    requireHonest(verifier.verify(submission), shape);
    for (int i = 0; i < repeats; i++) {
      long start = System.nanoTime();
      Verdict verdict = verifier.verify(submission);
      verify[i] = (System.nanoTime() - start) * 1e-9;
      requireHonest(verdict, shape);
      prefill[i] = prefill(shape, executor, fed, executor.dimensions().layers());
      half[i] = prefill(shape, executor, fed, Math.max(1, executor.dimensions().layers() / 2));
    }
    return new Verified(
        median(prefill), median(verify), median(half), receipt.encode().length, opening.length);
  }

  private static void requireHonest(Verdict verdict, RequestShape shape) {
    if (verdict instanceof Verdict.Rejected
        || verdict.findings().coverage().tokensReplayed() != shape.answer()) {
      throw new IllegalStateException("an honest answer came out as " + verdict);
    }
  }

  private double prefill(RequestShape shape, SharedStepExecutor executor, int[] fed, int layers) {
    TraceRecorder wanted =
        new TraceRecorder(
            profile,
            executor.dimensions(),
            new TraceId(Digest32.sha256()),
            JobSecret.copyOf(new byte[JobSecret.LENGTH]),
            new MemoryTrace());
    CaptureSink capture =
        new CaptureSink() {
          @Override
          public boolean wants(RowKey key) {
            return wanted.wants(key);
          }

          @Override
          public void accept(RowKey key, int firstPosition, TensorView rows) {}
        };
    LogitsSink logits =
        layers < executor.dimensions().layers()
            ? LogitsSink.none()
            : new LogitsSink() {
              @Override
              public boolean wants(int position) {
                return position >= shape.prompt() - 1;
              }

              @Override
              public void accept(int position, float[] values) {}
            };
    long start = System.nanoTime();
    executor.prefill(fed, new LayerRange(0, layers), null, capture, logits);
    return (System.nanoTime() - start) * 1e-9;
  }

  private static Receipt decoded(SignedMessage receipt) {
    try {
      return Receipt.decode(receipt.payload());
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("a receipt of our own", e);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
