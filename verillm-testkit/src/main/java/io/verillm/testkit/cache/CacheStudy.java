package io.verillm.testkit.cache;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.cache.matching.CacheScore;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.TokenScores;
import io.verillm.exec.UnusableModelException;
import io.verillm.stats.calibration.CalibratedCheck;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import io.verillm.testkit.cache.CacheMeasurement.Request;
import io.verillm.testkit.cache.CacheProver.Engines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ToLongFunction;

/**
 * What a verifier sees of deviating provers in their cache rows, in sketches and polynomials of
 * them, and in the tokens: how many requests are rejected at a level, by numbers of cells and of
 * tokens.
 *
 * <p>Calibration requests, honest requests for the false-reject rate and those of each prover are
 * all different ones. It speaks of the model and the classes it ran on. One thread.
 */
public final class CacheStudy {
  /** Column of the token check alone. */
  public static final String TOKENS = "tokens";

  /** Column of the polynomials alone. */
  public static final String POLYNOMIALS = "polynomials";

  /** Column of the combined evidence of {@link #COMBINED_CELLS} cells in F32 and the tokens. */
  public static final String COMBINED = "combined";

  /** Cells of the combined evidence, and of the looks by number of tokens and by depth. */
  public static final int COMBINED_CELLS = 8;

  private static final long RESOLUTION = 1_000;

  /**
   * How much is run.
   *
   * @param calibration honest requests for calibrations
   * @param honest honest requests for the false-reject rate
   * @param requests requests of each deviating prover
   * @param level rejection level
   */
  public record Settings(int calibration, int honest, int requests, double level) {}

  /**
   * A number of cells, drawn by a rule from the first positions of a request, in one look.
   *
   * @param tokens positions that they are drawn from
   */
  record View(String name, Look look, int cells, int tokens, CellRule rule) {}

  /**
   * One line of the result.
   *
   * @param rejected requests by column
   */
  public record Line(String prover, int requests, Map<String, Integer> rejected) {
    /** Requests that a column rejected; −1 if the column was not calibrated. */
    public int rejected(String column) {
      return rejected.getOrDefault(column, -1);
    }
  }

  private final CacheMeasurement measurement;
  private final Settings settings;
  private final boolean judgesTokens;
  private final TraceLayout layout;
  private final List<View> views = new ArrayList<>();
  private final Map<View, CacheCalibration> calibrations = new LinkedHashMap<>();
  private final Map<String, String> uncalibrated = new LinkedHashMap<>();
  private final List<StatisticCalibration> tokenStatistics = new ArrayList<>();
  private final List<ToLongFunction<Request>> tokenValues =
      List.of(
          request -> request.tokens().meanRootMicros(),
          request -> request.tokens().largestMicros());
  private Optional<StatisticCalibration> polynomials = Optional.empty();

  /**
   * Prepares a study.
   *
   * @param judgesTokens whether the measurement draws tokens from the model
   */
  public CacheStudy(CacheMeasurement measurement, Settings settings, boolean judgesTokens) {
    this.measurement = measurement;
    this.settings = settings;
    this.judgesTokens = judgesTokens;
    this.layout =
        TraceLayout.of(TraceProfile.keysAndValues(DType.F32), measurement.canonical().dimensions());
    views();
  }

  /** Column of a number of cells of a whole request. */
  public static String cells(Look look, int cells) {
    return look.title() + ", " + cells + " cells";
  }

  /** Column of {@link #COMBINED_CELLS} cells of the first tokens. */
  public static String tokens(Look look, int tokens) {
    return look.title() + ", " + tokens + " tokens";
  }

  /** Column of {@link #COMBINED_CELLS} cells of an audit that goes half as deep, always. */
  public static final String HALF_DEPTH = "half depth";

  /** Column of as many cells of an audit whose depth is drawn, half as deep on average. */
  public static final String DRAWN_DEPTH = "drawn depth";

  private void views() {
    int all = measurement.tokens();
    for (Look look : Look.values()) {
      for (int cells = 1; cells <= Math.min(32, all); cells *= 2) {
        views.add(new View(cells(look, cells), look, cells, all, CellRule.DEFAULT));
      }
      for (int tokens = COMBINED_CELLS; tokens < all; tokens += 8) {
        views.add(new View(tokens(look, tokens), look, COMBINED_CELLS, tokens, CellRule.DEFAULT));
      }
    }
    ModelDimensions sizes = measurement.canonical().dimensions();
    int last = sizes.layers() - 1;
    int half = sizes.layers() / 2 - 1;
    CellRule fixed = new CellRule(50, 25, List.of(new CellRule.Depth(half, 1)));
    CellRule drawn =
        new CellRule(50, 25, List.of(new CellRule.Depth(half, 2), new CellRule.Depth(last, 1)));
    views.add(new View(HALF_DEPTH, Look.SAME_TYPE, COMBINED_CELLS, all, fixed));
    views.add(new View(DRAWN_DEPTH, Look.SAME_TYPE, COMBINED_CELLS, all, drawn));
  }

  private List<CellError> cells(View view, Request request, long number) {
    double[] all = Objects.requireNonNull(request.errors().get(view.look()));
    List<CellError> errors = new ArrayList<>();
    SamplingPlan.of(view.cells(), 1, view.rule())
        .challengePlan()
        .draw(CacheMeasurement.digest(number, 1), layout, view.tokens())
        .forEach(
            (position, rows) -> {
              for (int row : rows) {
                var key = layout.row(row).key();
                KvPart part = key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
                double error = all[measurement.index(key.layer(), part, position)];
                errors.add(new CellError(key.layer(), part, position, error));
              }
            });
    return errors;
  }

  /** Columns that the honest requests were too few to calibrate, with the reason. */
  public Map<String, String> uncalibrated() {
    return Map.copyOf(uncalibrated);
  }

  /**
   * Runs honest provers, then the deviating ones.
   *
   * @param honest an honest prover of the class that everyone claims
   * @param progress called with the number of requests so far
   * @param finished called with each line when it is there, the honest one first: what that one has
   *     rejected are false rejections
   * @return the lines
   */
  public List<Line> run(
      CacheProver honest,
      List<CacheProver> deviating,
      IntConsumer progress,
      Consumer<Line> finished)
      throws IOException, UnusableModelException, MalformedMessageException {
    List<Request> known = new ArrayList<>();
    int done = 0;
    try (Engines engines = honest.source().open()) {
      for (int i = 0; i < settings.calibration(); i++) {
        known.add(measurement.measure(honest, engines, i));
        progress.accept(++done);
      }
      calibrate(known, engines);
    }
    List<CacheProver> everyone = new ArrayList<>(List.of(honest));
    everyone.addAll(deviating);
    List<Line> lines = new ArrayList<>();
    for (CacheProver prover : everyone) {
      int count = prover.equals(honest) ? settings.honest() : settings.requests();
      Map<String, Integer> rejected = new LinkedHashMap<>();
      try (Engines engines = prover.source().open()) {
        for (int i = 0; i < count; i++) {
          long number = 1_000_000L * (1 + everyone.indexOf(prover)) + i;
          judge(measurement.measure(prover, engines, number), number)
              .forEach((column, hit) -> rejected.merge(column, hit ? 1 : 0, Integer::sum));
          progress.accept(++done);
        }
      }
      Line line = new Line(prover.name(), count, rejected);
      lines.add(line);
      finished.accept(line);
    }
    return lines;
  }

  private void calibrate(List<Request> known, Engines engines) {
    for (View view : views) {
      List<List<CellError>> sequences = new ArrayList<>();
      for (int i = 0; i < known.size(); i++) {
        sequences.add(cells(view, known.get(i), i));
      }
      CacheCalibration.Scope scope =
          new CacheCalibration.Scope(
              measurement.canonical().modelDigest(),
              layout.profile().digest(),
              engines.decoding().describe(),
              measurement.canonical().describe(),
              2 * view.cells(),
              measurement.tokens());
      try {
        calibrations.put(view, CacheCalibration.fit(scope, sequences));
      } catch (IllegalArgumentException e) {
        uncalibrated.put(view.name(), String.valueOf(e.getMessage()));
      }
    }
    polynomials = statistic(POLYNOMIALS, known, request -> Math.round(request.polynomial() * 1e6));
    if (judgesTokens) {
      Optional<StatisticCalibration> mean =
          statistic(TokenScores.MEAN_ROOT_MARGIN, known, tokenValues.get(0));
      Optional<StatisticCalibration> largest =
          statistic(TokenScores.LARGEST_MARGIN, known, tokenValues.get(1));
      if (mean.isPresent() && largest.isPresent()) {
        tokenStatistics.addAll(List.of(mean.get(), largest.get()));
      }
    }
  }

  private Optional<StatisticCalibration> statistic(
      String name, List<Request> known, ToLongFunction<Request> value) {
    try {
      return Optional.of(
          StatisticCalibration.of(
              name,
              StatisticCalibration.Side.UPPER,
              RESOLUTION,
              known.stream().mapToLong(value).toArray()));
    } catch (IllegalArgumentException e) {
      uncalibrated.put(name, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Map<String, Boolean> judge(Request request, long number) {
    Map<String, Boolean> hits = new LinkedHashMap<>();
    for (View view : calibrations.keySet()) {
      hits.put(view.name(), pValue(view, request, number) <= settings.level());
    }
    polynomials.ifPresent(
        statistic ->
            hits.put(
                POLYNOMIALS,
                statistic.pValue(Math.round(request.polynomial() * 1e6)) <= settings.level()));
    if (!tokenStatistics.isEmpty()) {
      CalibratedCheck check =
          new CalibratedCheck(
              CheckName.TOKENS, CacheMeasurement.digest(0, 0), settings.level(), settings.level());
      double smallest = 1;
      for (int i = 0; i < tokenStatistics.size(); i++) {
        StatisticCalibration statistic = tokenStatistics.get(i);
        long micros = tokenValues.get(i).applyAsLong(request);
        check.add(statistic, micros);
        smallest = Math.min(smallest, statistic.pValue(micros));
      }
      hits.put(TOKENS, tokenStatistics.size() * smallest <= settings.level());
      cacheEvidence(request, number)
          .ifPresent(
              cache ->
                  hits.put(
                      COMBINED,
                      new CombinedEvidence(
                              List.of(cache, check.evidence(measurement.tokens())),
                              settings.level(),
                              settings.level())
                          .rejects()));
    }
    return hits;
  }

  private double pValue(View view, Request request, long number) {
    CacheCalibration calibration = Objects.requireNonNull(calibrations.get(view));
    return calibration.pValue(calibration.score(cells(view, request, number)));
  }

  /** Nothing if those cells were not calibrated. */
  private Optional<Evidence> cacheEvidence(Request request, long number) {
    String column = cells(Look.CANONICAL, COMBINED_CELLS);
    for (Map.Entry<View, CacheCalibration> each : calibrations.entrySet()) {
      if (each.getKey().name().equals(column)) {
        CacheScore score = each.getValue().score(cells(each.getKey(), request, number));
        return Optional.of(each.getValue().evidence(score, settings.level(), settings.level()));
      }
    }
    return Optional.empty();
  }
}
