package io.verillm.testkit.cache;

import io.verillm.cache.compact.SketchKernel;
import io.verillm.cache.compact.TopKPolynomial;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.cache.matching.CellError;
import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.sampling.SamplingStep;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.BFloat16;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TokenScores;
import io.verillm.exec.TransformerExecutor;
import io.verillm.exec.UnusableModelException;
import io.verillm.stats.random.SplitMix64;
import io.verillm.testkit.cache.CacheProver.Engines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers one request as a prover, prefills it as verifiers of three classes, and keeps every
 * difference. A request's prompt, seed and draws follow from its number. One thread.
 */
public final class CacheMeasurement implements AutoCloseable {
  /** Values per row of a sketch: 16 bytes for the keys and values of a cell. */
  public static final int SKETCH_OUTPUTS = 4;

  /** Positions whose last-layer values go into one polynomial. */
  public static final int POLYNOMIAL_POSITIONS = 16;

  /** Points of a polynomial: 2 + 2 · 63 = 128 bytes per 16 tokens. */
  public static final int POLYNOMIAL_POINTS = 63;

  /** How rows are looked at. */
  public enum Look {
    /** Rows, by an engine of the prover's class: the same bits. */
    SAME_CLASS("same class"),
    /** Rows, by an engine of the same element type that adds in another order. */
    SAME_TYPE("same type"),
    /** Rows, by the canonical engine, which computes in F32. */
    CANONICAL("F32"),
    /** Sketches of {@value #SKETCH_OUTPUTS} values per row, by the engine of the same type. */
    SKETCH("sketches, same type"),
    /** The same sketches, by the canonical engine. */
    SKETCH_CANONICAL("sketches, F32");

    private final String title;

    Look(String title) {
      this.title = title;
    }

    /** Heading of a table. */
    public String title() {
      return title;
    }
  }

  private static final int PROMPT = 4;

  private final ModelExecutor sameClass;
  private final ModelExecutor sameType;
  private final ModelExecutor canonical;
  private final ModelDimensions model;
  private final CacheRequest.Shape shape;
  private final SketchKernel sketches;
  private final boolean draws;

  /**
   * Loads the verifiers.
   *
   * @param folder the ordered model
   * @param tokens positions of a request
   * @param draws whether tokens are drawn from the model; otherwise they are random, and only rows
   *     are measured
   */
  public CacheMeasurement(Path folder, int tokens, boolean draws)
      throws IOException, UnusableModelException {
    this.sameClass = load(folder, new SplitKKernels());
    this.sameType = load(folder, new RoundedKernels(CanonicalKernels.singleThreaded()));
    this.canonical = load(folder, CanonicalKernels.singleThreaded());
    this.model = canonical.dimensions();
    this.shape = new CacheRequest.Shape(model, tokens);
    this.draws = draws;
    this.sketches =
        new SketchKernel(
            KernelSelection.load().automatic().comparison(),
            digest(7, 7),
            digest(8, 8),
            SKETCH_OUTPUTS);
  }

  private static ModelExecutor load(Path folder, ArithmeticKernels kernels)
      throws IOException, UnusableModelException {
    return TransformerExecutor.load(ModelFolder.open(folder), kernels);
  }

  /** A value that follows from two numbers. */
  static Digest32 digest(long a, long b) {
    return Digest32.sha256(ByteBuffer.allocate(16).putLong(a).putLong(b).array());
  }

  /** The canonical verifier. */
  public ModelExecutor canonical() {
    return canonical;
  }

  /** Whom the requests are of: every prover claims the class of the honest one. */
  public CacheCalibration.Scope scope() {
    return new CacheCalibration.Scope(
        canonical.modelDigest(),
        TraceProfile.keysAndValues(DType.F32).digest(),
        sameClass.describe(),
        canonical.describe(),
        shape.rows(),
        shape.tokens(),
        Optional.empty());
  }

  /** Size of every request. */
  public CacheRequest.Shape shape() {
    return shape;
  }

  /** Whether tokens are drawn from the model, so that they can be judged. */
  public boolean judgesTokens() {
    return draws;
  }

  /** Answers and measures a request. */
  CacheRequest measure(CacheProver prover, Engines engines, long number) {
    int tokens = shape.tokens();
    SplitMix64 random = SplitMix64.stream(2026, number);
    int[] all = new int[tokens + 1];
    for (int i = 1; i < (draws ? PROMPT : all.length); i++) {
      all[i] = 2 + random.nextInt(model.vocabulary() - 2);
    }
    SamplingSeed proven = SamplingSeed.ofKey((int) random.nextLong(), (int) random.nextLong());
    CacheRows claimed = new CacheRows(model, shape.tokens());
    if (draws || engines.stepwise()) {
      SamplingSeed used =
          prover.draw().ownSeed() ? SamplingSeed.ofKey((int) number, 0x5eed) : proven;
      decode(engines.decoding(), prover.draw(), all, used, claimed);
    } else {
      prefill(engines.decoding(), Arrays.copyOf(all, tokens), claimed, LogitsSink.none());
    }
    int[] fed = Arrays.copyOf(all, tokens);
    ModelExecutor shown = engines.shown();
    if (shown != null) {
      claimed = new CacheRows(model, shape.tokens());
      prefill(shown, fed, claimed, LogitsSink.none());
    }
    Map<Look, float[]> errors = new EnumMap<>(Look.class);
    errors.put(Look.SAME_CLASS, errors(claimed, rerun(sameClass, fed, LogitsSink.none())));
    CacheRows same = rerun(sameType, fed, LogitsSink.none());
    errors.put(Look.SAME_TYPE, errors(claimed, same));
    errors.put(Look.SKETCH, sketchErrors(claimed, same));
    Margins margins = new Margins(all, proven);
    CacheRows own = rerun(canonical, fed, draws ? margins : LogitsSink.none());
    errors.put(Look.CANONICAL, errors(claimed, own));
    errors.put(Look.SKETCH_CANONICAL, sketchErrors(claimed, own));
    return new CacheRequest(
        errors,
        polynomials(claimed, same),
        margins.scores.meanRootMicros(),
        margins.scores.largestMicros());
  }

  private CacheRows rerun(ModelExecutor engine, int[] fed, LogitsSink logits) {
    CacheRows rows = new CacheRows(model, shape.tokens());
    prefill(engine, fed, rows, logits);
    return rows;
  }

  private void decode(
      ModelExecutor engine, CacheProver.Draw draw, int[] all, SamplingSeed seed, CaptureSink rows) {
    TokenSampler sampler = new TokenSampler(draw.manifest(all.length), new GumbelNoise(seed, 0));
    try (DecodeSession session = engine.openSession(all.length, rows)) {
      for (int position = 0; position < shape.tokens(); position++) {
        float[] logits = engine.decodeStep(session, all[position]);
        if (draws && position + 1 >= PROMPT) {
          all[position + 1] = sampler.draw(logits, all, PROMPT, position + 1);
        }
      }
    }
  }

  private void prefill(ModelExecutor engine, int[] fed, CaptureSink rows, LogitsSink logits) {
    engine.prefill(fed, new LayerRange(0, model.layers()), null, rows, logits);
  }

  /** Margins of the answer's tokens under the ordered settings and the proven seed. */
  private static final class Margins implements LogitsSink {
    private final int[] all;
    private final TokenSampler sampler;
    private final TokenScores scores = new TokenScores();

    Margins(int[] all, SamplingSeed seed) {
      this.all = all;
      this.sampler =
          new TokenSampler(CacheProver.Draw.ORDERED.manifest(all.length), new GumbelNoise(seed, 0));
    }

    @Override
    public boolean wants(int position) {
      return position >= PROMPT - 1;
    }

    @Override
    public void accept(int position, float[] logits) {
      int chosen = position + 1;
      SamplingStep step = sampler.step(logits, all, PROMPT, chosen);
      scores.add(step.drawn() == all[chosen] ? 0 : step.margin(all[chosen]).value(), chosen);
    }
  }

  private interface RowError {
    double of(KvPart part, int layer, int position);
  }

  private float[] errors(RowError each) {
    float[] errors = new float[shape.rows()];
    for (int layer = 1; layer < model.layers(); layer++) {
      for (KvPart part : KvPart.values()) {
        for (int p = 0; p < shape.tokens(); p++) {
          errors[shape.index(layer, part, p)] = (float) each.of(part, layer, p);
        }
      }
    }
    return errors;
  }

  private float[] errors(CacheRows claimed, CacheRows own) {
    return errors(
        (part, layer, p) ->
            CellError.relative(
                claimed.row(part, layer, p), own.row(part, layer, p), model.keyWidth()));
  }

  private float[] sketchErrors(CacheRows claimed, CacheRows own) {
    return errors(
        (part, layer, p) ->
            sketches.error(
                part,
                sketches.sketch(part, claimed.view(part, layer, p)),
                own.view(part, layer, p)));
  }

  private double polynomials(CacheRows claimed, CacheRows own) {
    double sum = 0;
    int chunks = shape.tokens() / POLYNOMIAL_POSITIONS;
    for (int chunk = 0; chunk < chunks; chunk++) {
      TopKPolynomial proof =
          TopKPolynomial.build(chunk(claimed, chunk), POLYNOMIAL_POINTS).orElseThrow();
      TopKPolynomial.Comparison found = proof.compare(chunk(own, chunk));
      int agreeing = POLYNOMIAL_POINTS - found.exponentMismatches();
      sum +=
          (128.0 * found.exponentMismatches()
                  + (agreeing == 0 ? 0 : found.mantissaMean() * agreeing))
              / POLYNOMIAL_POINTS
              / chunks;
    }
    return sum;
  }

  private short[] chunk(CacheRows rows, int chunk) {
    int width = model.valueWidth();
    short[] bits = new short[POLYNOMIAL_POSITIONS * width];
    for (int i = 0; i < POLYNOMIAL_POSITIONS; i++) {
      float[] row = rows.row(KvPart.VALUE, model.layers() - 1, chunk * POLYNOMIAL_POSITIONS + i);
      for (int d = 0; d < width; d++) {
        bits[i * width + d] = BFloat16.fromFloat(row[d]);
      }
    }
    return bits;
  }

  @Override
  public void close() {
    sameClass.close();
    sameType.close();
    canonical.close();
  }
}
