package io.verillm.cache.matching;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.stats.robust.RobustStatistics;
import io.verillm.stats.robust.SplitConformal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What honest runs of one prover class look like to one verifier class, for one model and one
 * number of cells per request.
 *
 * <p>Per layer and part, over honest sequences: a floor ε, half the 99 % quantile of the errors and
 * at least 2⁻²⁰; the median μ of z = ln(error + ε); and as scale s the larger of 1.4826 MAD and
 * what the 99 % quantile lies above the median, divided by 2.326. The floor and the quantile matter
 * where two classes agree to the bit in most rows: median and MAD are then those of nothing, and
 * every honest difference would look enormous. A request's score is the 20 % trimmed mean of (z −
 * μ)/s over its cells, and their largest. Other honest sequences, never those that gave μ and s,
 * give the scores that a request is ranked among: p = (1 + #{scores ≥ S})/(N + 1), for the two
 * scores together twice the smaller one. Sequences are the exchangeable unit, never rows; and
 * p-values against one calibration depend on each other, so they are not multiplied over requests.
 *
 * <p>It says what those runs looked like. A run under conditions that were not among them may look
 * otherwise and be honest. Immutable and thread-safe.
 */
public final class CacheCalibration {
  /** Least that is added to an error before the logarithm. */
  public static final double LEAST_FLOOR = 0x1p-20;

  /** Smallest scale: classes that agree to the bit have none of their own. */
  public static final double SMALLEST_SCALE = 0.05;

  /** Share of cells that is trimmed at each end. */
  public static final double TRIM = 0.2;

  /** The 99 % quantile of the normal law. */
  private static final double NORMAL_99 = 2.3263478740408408;

  private static final int VERSION = 1;
  private static final int MAX_SEQUENCES = 1 << 20;
  private static final double MICRO = 1e6;
  private static final double NANO = 1e9;

  private record Cell(int layer, KvPart part) {}

  private record Law(double floor, double centre, double scale) {
    double normalised(double error) {
      return (Math.log(error + floor) - centre) / scale;
    }
  }

  private final Digest32 model;
  private final String proverClass;
  private final String verifierClass;
  private final int cells;
  private final Map<Cell, Law> laws;
  private final double[] means;
  private final double[] largest;
  private final SplitConformal meanRanks;
  private final SplitConformal largestRanks;

  private CacheCalibration(
      Digest32 model,
      String proverClass,
      String verifierClass,
      int cells,
      Map<Cell, Law> laws,
      double[] means,
      double[] largest) {
    this.model = model;
    this.proverClass = proverClass;
    this.verifierClass = verifierClass;
    this.cells = cells;
    this.laws = Map.copyOf(laws);
    this.means = means;
    this.largest = largest;
    this.meanRanks = SplitConformal.of(means);
    this.largestRanks = SplitConformal.of(largest);
  }

  /**
   * Calibrates. Every number is rounded to millionths, so that the signed form is exact.
   *
   * @param proverClass arithmetic of the runs that were committed
   * @param verifierClass arithmetic of the runs that they were compared with
   * @param sequences honest sequences, at least four; every second one gives centres and scales,
   *     the others the scores
   * @param cells rows per request
   * @throws IllegalArgumentException if a sequence has fewer rows, or one that is not finite, or a
   *     layer or part occurs in the second half only
   */
  public static CacheCalibration fit(
      Digest32 model,
      String proverClass,
      String verifierClass,
      List<List<CellError>> sequences,
      int cells) {
    if (sequences.size() < 4 || cells < 1) {
      throw new IllegalArgumentException(sequences.size() + " sequences of " + cells + " rows");
    }
    Map<Cell, List<Double>> errors = new HashMap<>();
    for (int i = 0; i < sequences.size(); i += 2) {
      for (CellError error : sequences.get(i)) {
        if (error.isUsable()) {
          errors
              .computeIfAbsent(new Cell(error.layer(), error.part()), c -> new ArrayList<>())
              .add(error.error());
        }
      }
    }
    Map<Cell, Law> laws = new HashMap<>();
    errors.forEach(
        (cell, values) ->
            laws.put(cell, law(values.stream().mapToDouble(Double::doubleValue).toArray())));
    int count = sequences.size() / 2;
    double[] means = new double[count];
    double[] largest = new double[count];
    for (int i = 0; i < count; i++) {
      CacheScore score = score(sequences.get(2 * i + 1), cells, laws);
      means[i] = rounded(score.mean());
      largest[i] = rounded(score.largest());
    }
    return sorted(model, proverClass, verifierClass, cells, laws, means, largest);
  }

  private static Law law(double[] errors) {
    double high = RobustStatistics.quantile(0.99, errors);
    double floor = Math.rint(Math.max(LEAST_FLOOR, high / 2) * NANO) / NANO;
    double[] logs = Arrays.stream(errors).map(error -> Math.log(error + floor)).toArray();
    double centre = RobustStatistics.median(logs);
    double scale =
        Math.max(
            RobustStatistics.NORMAL_MAD * RobustStatistics.mad(logs),
            (Math.log(high + floor) - centre) / NORMAL_99);
    return new Law(floor, rounded(centre), Math.max(SMALLEST_SCALE, rounded(scale)));
  }

  private static CacheCalibration sorted(
      Digest32 model,
      String proverClass,
      String verifierClass,
      int cells,
      Map<Cell, Law> laws,
      double[] means,
      double[] largest) {
    Arrays.sort(means);
    Arrays.sort(largest);
    return new CacheCalibration(model, proverClass, verifierClass, cells, laws, means, largest);
  }

  private static double rounded(double value) {
    return Math.rint(value * MICRO) / MICRO;
  }

  /** Digest of the model. */
  public Digest32 model() {
    return model;
  }

  /** Arithmetic of the prover's runs. */
  public String proverClass() {
    return proverClass;
  }

  /** Arithmetic of the verifier's runs. */
  public String verifierClass() {
    return verifierClass;
  }

  /** Rows per request. */
  public int cells() {
    return cells;
  }

  /** Honest sequences that a request is ranked among. */
  public int sequences() {
    return means.length;
  }

  /**
   * The score of a request: of its first {@link #cells} rows, which must be in random order.
   *
   * @throws IllegalArgumentException if there are fewer rows, one is not usable, or a layer was not
   *     calibrated
   */
  public CacheScore score(List<CellError> errors) {
    return score(errors, cells, laws);
  }

  private static CacheScore score(List<CellError> errors, int cells, Map<Cell, Law> laws) {
    if (errors.size() < cells) {
      throw new IllegalArgumentException(errors.size() + " rows of " + cells);
    }
    double[] z = new double[cells];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < cells; i++) {
      z[i] = normalised(errors.get(i), laws);
      largest = Math.max(largest, z[i]);
    }
    return new CacheScore(RobustStatistics.trimmedMean(TRIM, z), largest, cells);
  }

  private static double normalised(CellError error, Map<Cell, Law> laws) {
    Law law = laws.get(new Cell(error.layer(), error.part()));
    if (law == null || !error.isUsable()) {
      throw new IllegalArgumentException(
          error + (law == null ? " was not calibrated" : " is not finite"));
    }
    return law.normalised(error.error());
  }

  /** Whether rows of a layer and part were calibrated. */
  public boolean covers(int layer, KvPart part) {
    return laws.containsKey(new Cell(layer, part));
  }

  /**
   * The error that an honest row of a layer and part exceeds about once in 30 000 rows, if normal:
   * four scales above the centre. For recognising rows, not for judging requests.
   */
  public double matchThreshold(int layer, KvPart part) {
    Law law = Objects.requireNonNull(laws.get(new Cell(layer, part)), "not calibrated");
    return Math.exp(law.centre() + 4 * law.scale()) - law.floor();
  }

  /** The p-value of a score by rank alone; at least 1/(N + 1). */
  public double rankPValue(CacheScore score) {
    return Math.min(
        1, 2 * Math.min(meanRanks.pValue(score.mean()), largestRanks.pValue(score.largest())));
  }

  /** Name of the law beyond the largest honest score. */
  public static final String TAIL = "exponential-above-0.9";

  /**
   * The p-value of a score, continued beyond the calibration's largest: there the upper tenth of
   * the honest scores is taken for exponential, with its mean excess at the upper end of a 95 %
   * interval. For scores whose tail falls faster, as a mean's does, that is too large, never too
   * small.
   */
  public double pValue(CacheScore score) {
    return Math.min(
        1,
        2
            * Math.min(
                tail(means, meanRanks, score.mean()),
                tail(largest, largestRanks, score.largest())));
  }

  private static double tail(double[] sorted, SplitConformal ranks, double value) {
    double top = sorted[sorted.length - 1];
    double byRank = ranks.pValue(value);
    int above = sorted.length / 10;
    if (value <= top || above < 10) {
      return byRank;
    }
    double threshold = sorted[sorted.length - 1 - above];
    double excess = 0;
    for (int i = sorted.length - above; i < sorted.length; i++) {
      excess += sorted[i] - threshold;
    }
    // Wilson and Hilferty's lower 5 % point of chi-square with 2·above degrees.
    double spread = 1.0 / (9 * above);
    double low = 2 * above * Math.pow(1 - spread - 1.6449 * Math.sqrt(spread), 3);
    double scale = Math.max(2 * excess / low, 1e-3);
    double share = (above + 1.0) / (sorted.length + 1.0);
    return Math.min(byRank, Math.max(1e-300, share * Math.exp(-(value - threshold) / scale)));
  }

  /** The score that a p-value of at most {@code p} begins at, for the mean. */
  public double threshold(double p) {
    return meanRanks.threshold(p);
  }

  /** SHA-256 of {@link #encode}. */
  public Digest32 id() {
    return Digest32.sha256(encode());
  }

  /** Returns the deterministic CBOR form; numbers in millionths, floors in billionths. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(8);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(model);
    out.unsigned(3).text(proverClass);
    out.unsigned(4).text(verifierClass);
    out.unsigned(5).unsigned(cells);
    List<Cell> order = new ArrayList<>(laws.keySet());
    order.sort(java.util.Comparator.comparingInt(Cell::layer).thenComparing(Cell::part));
    out.unsigned(6).array(order.size());
    for (Cell cell : order) {
      Law law = Objects.requireNonNull(laws.get(cell));
      out.array(5).unsigned(cell.layer()).unsigned(cell.part().index());
      out.unsigned(Math.round(law.floor() * NANO))
          .integer(micros(law.centre()))
          .unsigned(micros(law.scale()));
    }
    write(out.unsigned(7), means);
    write(out.unsigned(8), largest);
    return out.toByteArray();
  }

  private static long micros(double value) {
    return Math.round(value * MICRO);
  }

  private static void write(CborWriter out, double[] values) {
    out.array(values.length);
    for (double value : values) {
      out.integer(micros(value));
    }
  }

  /**
   * Reads one calibration and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives
   */
  public static CacheCalibration decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.mapOf("cache-calibration", 8);
    in.key("cache-calibration.version", 1);
    if (in.unsigned("cache-calibration.version", 255) != VERSION) {
      throw new MalformedMessageException(
          "cache-calibration.version", in.offset(), "not version " + VERSION);
    }
    in.key("cache-calibration.model", 2);
    Digest32 model = in.digest("cache-calibration.model");
    in.key("cache-calibration.prover", 3);
    String prover = in.text("cache-calibration.prover", 128);
    in.key("cache-calibration.verifier", 4);
    String verifier = in.text("cache-calibration.verifier", 128);
    in.key("cache-calibration.cells", 5);
    int cells = (int) in.unsigned("cache-calibration.cells", 1 << 20);
    in.key("cache-calibration.laws", 6);
    int count = in.array("cache-calibration.laws", 1 << 17);
    Map<Cell, Law> laws = new HashMap<>();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      in.arrayOf("cache-calibration.law", 5);
      int layer = (int) in.unsigned("cache-calibration.layer", 0xFFFF);
      int part = (int) in.unsigned("cache-calibration.part", 1);
      double floor = in.unsigned("cache-calibration.floor", 1L << 40) / NANO;
      double centre = in.integer("cache-calibration.centre") / MICRO;
      double scale = in.unsigned("cache-calibration.scale", Integer.MAX_VALUE) / MICRO;
      if (2 * layer + part <= previous || scale < SMALLEST_SCALE || !(floor > 0)) {
        throw new MalformedMessageException(
            "cache-calibration.law", offset, "out of order, or a scale of " + scale);
      }
      previous = 2 * layer + part;
      laws.put(
          new Cell(layer, part == 0 ? KvPart.KEY : KvPart.VALUE), new Law(floor, centre, scale));
    }
    in.key("cache-calibration.means", 7);
    double[] means = read(in, "cache-calibration.means");
    in.key("cache-calibration.largest", 8);
    double[] largest = read(in, "cache-calibration.largest");
    in.end();
    if (cells == 0 || laws.isEmpty() || means.length == 0 || means.length != largest.length) {
      throw new MalformedMessageException("cache-calibration", 0, "calibrates nothing");
    }
    return new CacheCalibration(model, prover, verifier, cells, laws, means, largest);
  }

  private static double[] read(CborReader in, String field) throws MalformedMessageException {
    int offset = in.offset();
    int count = in.array(field, MAX_SEQUENCES);
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double value = in.integer(field) / MICRO;
      if (i > 0 && value < values.get(i - 1)) {
        throw new MalformedMessageException(field, offset, "is not ascending");
      }
      values.add(value);
    }
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
