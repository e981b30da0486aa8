package io.verillm.cache.matching;

import io.verillm.cache.compact.EvidenceForm;
import io.verillm.cache.compact.EvidenceForm.Kind;
import io.verillm.cache.compact.SketchKernel;
import io.verillm.cache.compact.SketchOpening;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.DrawnRows;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.stats.random.SplitMix64;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * One answer with made-up rows: what a prover commits and what a prefill gives are functions that a
 * test sets, and the check sees both as in a real verification. Seeded.
 */
final class CacheCase {
  static final int LAYERS = 4;
  static final int WIDTH = 32;
  static final ModelDimensions MODEL = new ModelDimensions(LAYERS, 16, WIDTH, WIDTH, 100, 128);
  static final Digest32 DIGEST = Digest32.sha256(new byte[] {3});
  static final ExecutionClass CANONICAL = named(ExecutionClass.CANONICAL_ARITHMETIC);
  static final ExecutionClass BF16 = named("bf16-test");
  static final SigningKey PROVER = key(2);

  /** What calibrations and challenges of these tests draw by. */
  static final ChallengePlan PLAN = new ChallengePlan(16, 1, Optional.of(CellRule.DEFAULT));

  static final ComparisonKernels KERNELS = KernelSelection.load().require("java").comparison();
  private static final Digest32 LATER = Digest32.sha256(new byte[] {7});

  /** The values of a row. */
  interface Rows {
    float[] at(RowKey key, int position);
  }

  Rows claimed = (key, position) -> row(key, position, 0);
  Rows rerun = (key, position) -> row(key, position, 0);
  ExecutionClass prover = BF16;
  ExecutionClass verifier = CANONICAL;
  Digest32 model = DIGEST;
  DType dtype = DType.F32;
  ChallengePlan plan = PLAN;

  /** Values per row that the receipt offers and the prover shows; 0 for whole rows. */
  int sketched;

  int offered = -1;
  int spots = 2;
  UnaryOperator<byte[]> changeSketches = UnaryOperator.identity();

  int positions = 24;
  int loaded;
  int opened = Integer.MAX_VALUE;
  int number;

  static ExecutionClass named(String arithmetic) {
    return new ExecutionClass("engine", "1", arithmetic, "F32", "java", "cpu", "1");
  }

  static SigningKey key(int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    return SigningKey.fromSeed(bytes);
  }

  /** A row of the honest model, with noise of a relative size. */
  float[] row(RowKey key, int position, double noise) {
    SplitMix64 model =
        SplitMix64.stream(7, 100L * position + 10L * key.layer() + key.kind().ordinal());
    SplitMix64 engine =
        SplitMix64.stream(11 + number, 100L * position + 10L * key.layer() + key.kind().ordinal());
    // Rounding differs from row to row, as it does in real engines.
    double size = noise * Math.exp(0.3 * engine.nextGaussian());
    float[] row = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      double value = model.nextGaussian();
      row[i] = (float) (value * (1 + size * engine.nextGaussian()));
    }
    return row;
  }

  TraceProfile profile() {
    return TraceProfile.standard(dtype);
  }

  private TraceLayout layout() {
    return TraceLayout.of(profile(), MODEL);
  }

  private static final int PROMPT = 3;

  ReplaySubject subject() {
    int[] prompt = {1, 2, 3};
    int[] output = new int[positions + 1 - PROMPT];
    for (int i = 0; i < output.length; i++) {
      output[i] = 10 + (i + number) % 80;
    }
    JobOrder order =
        new JobOrder(
            PROVER.verifyingKey(),
            model,
            DIGEST,
            Digest32.sha256(),
            DIGEST,
            TokenIds.of(prompt),
            SamplingManifest.builder(output.length).temperatureMicros(SamplingManifest.ONE).build(),
            profile().digest(),
            EvidenceLevel.CACHE,
            Digest32.sha256(new byte[] {(byte) number, (byte) (number >> 8)}),
            Optional.empty(),
            1_900_000_000_000L);
    TokenIds sampled = TokenIds.of(output);
    MemoryTrace trace = record(order, order.prompt().concat(sampled).toArray());
    Answer answer = new Answer(sampled, new byte[] {1}, new byte[16], new byte[16]);
    Receipt receipt =
        new Receipt(
            order.digest(),
            order.requestBody(),
            answer.responseDigest(),
            answer.promptDigest(order.prompt()),
            prompt.length,
            answer.outputDigest(),
            output.length,
            FinishReason.LENGTH,
            model,
            prover,
            order.profile(),
            trace.head(),
            SeedProof.prove(PROVER, order.digest()),
            new ChainPosition(0, 0, ChainPosition.NONE),
            commitments());
    SamplingSeed seed = SamplingSeed.ofKey(1, 2);
    if (sketched == 0) {
      DrawnRows drawn = new DrawnRows(plan, DIGEST, request());
      return new ReplaySubject(order, receipt, sampled, seed, drawn, open(trace, request()));
    }
    Sketches shown = sketches(receipt, trace);
    SortedMap<Integer, List<Integer>> drawnSpots = shown.spots(LATER, request(), spots);
    DrawnRows.Shown both = new DrawnRows.Shown(shown, drawnSpots);
    return new ReplaySubject(
        order,
        receipt,
        sampled,
        seed,
        new DrawnRows(plan, DIGEST, request(), Optional.of(both)),
        open(trace, drawnSpots));
  }

  private List<TensorCommitment> commitments() {
    int values = offered < 0 ? sketched : offered;
    return values == 0
        ? List.of()
        : List.of(new EvidenceForm(Kind.SKETCHES, values, Optional.empty()).toCommitment());
  }

  private Sketches sketches(Receipt receipt, MemoryTrace trace) {
    try {
      Sketches honest =
          SketchOpening.of(
                  DIGEST,
                  new SketchKernel(KERNELS, DIGEST, receipt.digest(), sketched),
                  trace,
                  request())
              .message();
      return new Sketches(DIGEST, sketched, changeSketches.apply(honest.values()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MemoryTrace record(JobOrder order, int[] fed) {
    MemoryTrace trace = new MemoryTrace();
    TraceId id =
        TraceId.compute(
            order.digest(), PROVER.verifyingKey().toByteArray(), TraceRole.PROVER, order.profile());
    TraceRecorder recorder =
        new TraceRecorder(profile(), MODEL, id, JobSecret.copyOf(new byte[32]), trace);
    for (int position = 0; position < fed.length - 1; position++) {
      Map<RowKey, TensorView> rows = new HashMap<>();
      for (TraceLayout.Row row : layout().rows()) {
        float[] values =
            row.width() == WIDTH ? claimed.at(row.key(), position) : new float[row.width()];
        rows.put(row.key(), FloatTensors.ofFloats(dtype, Shape.of(row.width()), values));
      }
      if (position < loaded) {
        recorder.pushLoaded(position, fed[position], rows);
      } else {
        recorder.push(position, fed[position], rows);
      }
    }
    recorder.pushUnfed(fed.length - 1, fed[fed.length - 1]);
    return trace;
  }

  private SortedMap<Integer, List<Integer>> request() {
    SortedMap<Integer, List<Integer>> request = new TreeMap<>();
    List<Integer> all = layout().rows().stream().map(TraceLayout.Row::index).toList();
    for (int position = 0; position < Math.min(positions, opened); position++) {
      request.put(position, all);
    }
    if (request.isEmpty()) {
      request.put(0, List.of(0)); // keys of layer 0, which are no evidence
    }
    return request;
  }

  private OpeningOutcome.Verified open(
      MemoryTrace trace, SortedMap<Integer, List<Integer>> request) {
    try {
      return (OpeningOutcome.Verified)
          TraceOpening.open(trace, request).verify(trace.head(), trace.id(), layout());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the check says after a prefill in blocks of seven positions. */
  CheckResult judge(CacheBook book) {
    return judge(new CacheCheck(book));
  }

  CheckResult judge(PrefillCheck check) {
    PrefillCheck.Run run = check.begin(subject(), verifier);
    feed(run, 0);
    return run.result();
  }

  /** Gives the rows of every position from {@code first} on. */
  void feed(PrefillCheck.Run run, int first) {
    for (int from = first; from < positions; from += 7) {
      int count = Math.min(7, positions - from);
      for (TraceLayout.Row row : layout().rows()) {
        if (!run.rows().wants(row.key())) {
          continue;
        }
        float[] block = new float[count * WIDTH];
        for (int i = 0; i < count; i++) {
          System.arraycopy(rerun.at(row.key(), from + i), 0, block, i * WIDTH, WIDTH);
        }
        run.rows().accept(row.key(), from, TensorView.copyOf(Shape.of(count, WIDTH), block));
      }
    }
  }

  /** The errors that the check measures, for calibrations. */
  List<CellError> errors() {
    CellErrors errors = CellErrors.of(subject().opened());
    for (TraceLayout.Row row : layout().rows()) {
      if (errors.wants(row.key())) {
        for (int position = 0; position < positions; position++) {
          errors.accept(
              row.key(),
              position,
              TensorView.copyOf(Shape.of(1, WIDTH), rerun.at(row.key(), position)));
        }
      }
    }
    return errors.errors();
  }
}
