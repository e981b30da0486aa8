package io.verillm.testkit.cache;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.cache.matching.CacheScore;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.matching.DrawnCells;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.exec.TokenScores;
import io.verillm.stats.calibration.CalibratedCheck;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What a verifier sees of measured requests in their cache rows, in sketches and polynomials of
 * them, and in the tokens: how many requests are rejected at a level, by numbers of cells and of
 * tokens. A request is rejected where the p-value that {@link CacheCalibration} gives it is at most
 * the level.
 *
 * <p>It speaks of the model and the classes that were measured. One thread.
 */
public final class CacheStudy {
  /** Column of the token check alone. */
  public static final String TOKENS = "tokens";

  /** Column of the polynomials alone. */
  public static final String POLYNOMIALS = "polynomials";

  /** Column of the combined evidence of {@link #VERDICT_CELLS} cells in F32 and the tokens. */
  public static final String COMBINED = "combined";

  /** Column of an audit that goes half as deep, always. */
  public static final String HALF_DEPTH = "half depth";

  /** Column of as many cells of an audit whose depth is drawn, half as deep on average. */
  public static final String DRAWN_DEPTH = "drawn depth";

  /**
   * Column of cells that are drawn evenly and judged by a calibration of cells that are not: what
   * happens where a challenge draws by another rule than the calibrating runs.
   */
  public static final String OTHER_RULE = "other rule";

  /** Cells of the looks by number of tokens and by depth. */
  public static final int FEW_CELLS = 8;

  /** Cells of the combined evidence, if there are as many positions: those of a challenge. */
  public static final int VERDICT_CELLS = 32;

  /**
   * Cells that are drawn by a rule from the first positions of a request, seen by some looks.
   *
   * @param columns name per look
   * @param judgedBy column whose calibration judges, per look; its own, but for one
   * @param cells how many
   * @param tokens positions that they are drawn from
   */
  private record Draw(
      Map<Look, String> columns, Map<Look, String> judgedBy, int cells, int tokens, CellRule rule) {
    Draw(Map<Look, String> columns, int cells, int tokens, CellRule rule) {
      this(columns, columns, cells, tokens, rule);
    }
  }

  private record Drawn(int layer, KvPart part, int position) {}

  /**
   * One line of the result.
   *
   * @param rejected requests by column
   */
  public record Line(String prover, int requests, Map<String, Integer> rejected) {
    /** Copies the map. */
    public Line {
      rejected = Map.copyOf(rejected);
    }

    /** Requests that a column rejected; −1 if the column was not calibrated. */
    public int rejected(String column) {
      return rejected.getOrDefault(column, -1);
    }
  }

  private final CacheRequest.Shape shape;
  private final CacheCalibration.Scope scope;
  private final double level;
  private final boolean judgesTokens;
  private final TraceLayout layout;
  private final List<Draw> draws = new ArrayList<>();
  private final Map<String, CacheCalibration> calibrations = new LinkedHashMap<>();
  private final Map<String, String> uncalibrated = new LinkedHashMap<>();
  private final List<StatisticCalibration> tokenStatistics = new ArrayList<>();
  private final List<ToLongFunction<CacheRequest>> tokenValues =
      List.of(CacheRequest::meanRootMicros, CacheRequest::largestMicros);
  private double[] polynomials = new double[0];

  /**
   * Prepares a study.
   *
   * @param scope whom the requests are of; its numbers of rows and positions are not used
   * @param level rejection level
   * @param judgesTokens whether the margins mean something
   */
  public CacheStudy(
      CacheRequest.Shape shape, CacheCalibration.Scope scope, double level, boolean judgesTokens) {
    this.shape = shape;
    this.scope = scope;
    this.level = level;
    this.judgesTokens = judgesTokens;
    this.layout = TraceLayout.of(TraceProfile.keysAndValues(DType.F32), shape.model());
    plan();
  }

  /** Column of a number of cells of a whole request. */
  public static String cells(Look look, int cells) {
    return look.title() + ", " + cells + " cells";
  }

  /** Column of {@link #FEW_CELLS} cells of the first tokens. */
  public static String tokens(Look look, int tokens) {
    return look.title() + ", " + tokens + " tokens";
  }

  /** The numbers of cells that are looked at: powers of two up to all positions. */
  static List<Integer> cellCounts(int tokens) {
    List<Integer> counts = new ArrayList<>();
    for (int n = 1; n <= tokens; n *= 2) {
      counts.add(n);
    }
    return counts;
  }

  /** The numbers of tokens that are looked at, short of all. */
  static List<Integer> tokenCounts(int tokens) {
    List<Integer> counts = new ArrayList<>();
    for (int n = FEW_CELLS; n < tokens; n += 8) {
      counts.add(n);
    }
    return counts;
  }

  private void plan() {
    int all = shape.tokens();
    for (int cells : cellCounts(all)) {
      draws.add(draw(look -> cells(look, cells), cells, all));
    }
    for (int tokens : tokenCounts(all)) {
      draws.add(draw(look -> tokens(look, tokens), FEW_CELLS, tokens));
    }
    int last = shape.model().layers() - 1;
    int half = Math.max(1, shape.model().layers() / 2 - 1);
    CellRule fixed = new CellRule(50, 25, List.of(new CellRule.Depth(half, 1)));
    CellRule drawn =
        last > half
            ? new CellRule(
                50, 25, List.of(new CellRule.Depth(half, 2), new CellRule.Depth(last, 1)))
            : fixed;
    int cells = Math.min(FEW_CELLS, all);
    draws.add(new Draw(Map.of(Look.SAME_TYPE, HALF_DEPTH), cells, all, fixed));
    draws.add(new Draw(Map.of(Look.SAME_TYPE, DRAWN_DEPTH), cells, all, drawn));
    if (all >= FEW_CELLS) {
      CellRule even = new CellRule(25, Math.max(1, 100 / last), List.of());
      draws.add(
          new Draw(
              Map.of(Look.SAME_TYPE, OTHER_RULE),
              Map.of(Look.SAME_TYPE, cells(Look.SAME_TYPE, FEW_CELLS)),
              FEW_CELLS,
              all,
              even));
    }
  }

  private interface Name {
    String of(Look look);
  }

  private static Draw draw(Name name, int cells, int tokens) {
    Map<Look, String> columns = new LinkedHashMap<>();
    for (Look look : Look.values()) {
      columns.put(look, name.of(look));
    }
    return new Draw(columns, cells, tokens, CellRule.DEFAULT);
  }

  /** In the order in which a verifier would open them. */
  private List<Drawn> drawn(Draw draw, long number) {
    List<Drawn> drawn = new ArrayList<>();
    SamplingPlan.of(draw.cells(), 1, draw.rule())
        .challengePlan()
        .draw(CacheMeasurement.digest(number, 1), layout, draw.tokens())
        .forEach(
            (position, rows) -> {
              for (int row : rows) {
                RowKey key = layout.row(row).key();
                KvPart part = key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
                drawn.add(new Drawn(key.layer(), part, position));
              }
            });
    return drawn;
  }

  private List<CellError> seen(List<Drawn> drawn, CacheRequest request, Look look) {
    float[] all = Objects.requireNonNull(request.errors().get(look));
    List<CellError> errors = new ArrayList<>(drawn.size());
    for (Drawn one : drawn) {
      double error = all[shape.index(one.layer(), one.part(), one.position())];
      errors.add(new CellError(one.layer(), one.part(), one.position(), error));
    }
    return errors;
  }

  /** Columns without a calibration, with the reason: too few requests, or too heavy a tail. */
  public Map<String, String> uncalibrated() {
    return Map.copyOf(uncalibrated);
  }

  /**
   * Calibrates every column.
   *
   * @param known honest requests, numbered from 0; those that are judged must be others
   */
  public void calibrate(List<CacheRequest> known) {
    for (Draw draw : draws) {
      if (!draw.judgedBy().equals(draw.columns())) {
        continue;
      }
      List<List<Drawn>> places = new ArrayList<>();
      for (int i = 0; i < known.size(); i++) {
        places.add(drawn(draw, i));
      }
      draw.columns()
          .forEach(
              (look, column) -> {
                List<List<CellError>> sequences = new ArrayList<>();
                for (int i = 0; i < known.size(); i++) {
                  sequences.add(seen(places.get(i), known.get(i), look));
                }
                try {
                  calibrations.put(column, CacheCalibration.fit(scope(draw, look), sequences));
                } catch (IllegalArgumentException e) {
                  uncalibrated.put(column, String.valueOf(e.getMessage()));
                }
              });
    }
    polynomials = known.stream().mapToDouble(CacheRequest::polynomial).sorted().toArray();
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

  private static int outputs(Look look) {
    return look == Look.SKETCH || look == Look.SKETCH_CANONICAL
        ? CacheMeasurement.SKETCH_OUTPUTS
        : 0;
  }

  private CacheCalibration.Scope scope(Draw draw, Look look) {
    return new CacheCalibration.Scope(
        scope.model(),
        scope.traceProfile(),
        scope.prover(),
        scope.verifier(),
        2 * draw.cells(),
        draw.tokens(),
        Optional.of(new DrawnCells(draw.cells(), draw.rule(), outputs(look))));
  }

  private Optional<StatisticCalibration> statistic(
      String name, List<CacheRequest> known, ToLongFunction<CacheRequest> value) {
    try {
      return Optional.of(
          StatisticCalibration.of(
              name,
              StatisticCalibration.Side.UPPER,
              TokenScores.RESOLUTION,
              known.stream().mapToLong(value).toArray()));
    } catch (IllegalArgumentException e) {
      uncalibrated.put(name, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /**
   * Counts the rejected requests of a prover.
   *
   * @param firstNumber number of the first request; the draws of cells follow from it
   */
  public Line judge(String prover, List<CacheRequest> requests, long firstNumber) {
    Map<String, Integer> rejected = new LinkedHashMap<>();
    calibrations.keySet().forEach(column -> rejected.put(column, 0));
    Map<Integer, Evidence> combined = new HashMap<>();
    for (Draw draw : draws) {
      for (int i = 0; i < requests.size(); i++) {
        List<Drawn> places = drawn(draw, firstNumber + i);
        for (Map.Entry<Look, String> one : draw.columns().entrySet()) {
          CacheCalibration calibration =
              calibrations.get(Objects.requireNonNull(draw.judgedBy().get(one.getKey())));
          if (calibration == null) {
            continue;
          }
          rejected.putIfAbsent(one.getValue(), 0);
          List<CellError> errors = seen(places, requests.get(i), one.getKey());
          boolean usable = errors.stream().allMatch(CellError::isUsable);
          if (!usable) {
            continue; // undecided, as a verifier would have it
          }
          CacheScore score = calibration.score(errors);
          count(rejected, one.getValue(), calibration.pValue(score) <= level);
          if (one.getValue().equals(cells(Look.CANONICAL, VERDICT_CELLS))) {
            combined.put(i, calibration.evidence(score, level, level));
          }
        }
      }
    }
    for (int i = 0; i < requests.size(); i++) {
      CacheRequest request = requests.get(i);
      if (1 <= level * (polynomials.length + 1.0)) {
        count(rejected, POLYNOMIALS, rank(request.polynomial()) <= level);
      }
      if (!tokenStatistics.isEmpty()) {
        judgeTokens(request, Optional.ofNullable(combined.get(i)), rejected);
      }
    }
    return new Line(prover, requests.size(), rejected);
  }

  /** Conformal p-value of a polynomial's mean: no tail is fitted to it. */
  private double rank(double value) {
    long asLarge = Arrays.stream(polynomials).filter(known -> known >= value).count();
    return (1 + asLarge) / (polynomials.length + 1.0);
  }

  private void judgeTokens(
      CacheRequest request, Optional<Evidence> cache, Map<String, Integer> rejected) {
    CalibratedCheck check =
        new CalibratedCheck(CheckName.TOKENS, CacheMeasurement.digest(0, 0), level, level);
    double smallest = 1;
    for (int i = 0; i < tokenStatistics.size(); i++) {
      StatisticCalibration statistic = tokenStatistics.get(i);
      long micros = tokenValues.get(i).applyAsLong(request);
      check.add(statistic, micros);
      smallest = Math.min(smallest, statistic.pValue(micros));
    }
    count(rejected, TOKENS, tokenStatistics.size() * smallest <= level);
    cache.ifPresent(
        rows ->
            count(
                rejected,
                COMBINED,
                new CombinedEvidence(List.of(rows, check.evidence(shape.tokens())), level, level)
                    .rejects()));
  }

  private static void count(Map<String, Integer> rejected, String column, boolean hit) {
    rejected.merge(column, hit ? 1 : 0, Integer::sum);
  }
}
