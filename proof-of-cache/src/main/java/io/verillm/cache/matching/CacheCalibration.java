package io.verillm.cache.matching;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.cache.layout.KvPart;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.stats.calibration.CalibratedCheck;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.stats.robust.RobustStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What honest cache rows of one prover class look like to one verifier class, for one model, one
 * trace profile, one rule by which cells are drawn and one number of rows per request.
 *
 * <p>Per layer and part, over honest sequences: a floor ε, half the 99 % quantile of the errors and
 * at least 2⁻²⁰; the median μ of z = ln(error + ε); and as scale s the larger of 1.4826 MAD and
 * what the 99 % quantile lies above the median, divided by 2.326. The floor and the quantile matter
 * where two classes agree to the bit in most rows: median and MAD are then those of nothing, and
 * every honest difference would look enormous. A request has two statistics: the 20 % trimmed mean
 * of (z − μ)/s over its rows, which is suspicious on both sides, and their largest. Other honest
 * sequences, never those that gave μ and s, give the scores that a request is ranked among ({@link
 * StatisticCalibration}). Sequences are the exchangeable unit, never rows.
 *
 * <p>It says what those runs looked like. A run under conditions that were not among them may look
 * otherwise and be honest. It does not prove that the runs were honest: {@link #power} is there to
 * show that a calibration was not made too wide. Immutable and thread-safe.
 */
@CheckReturnValue
public final class CacheCalibration {
  /** Least that is added to an error before the logarithm. */
  public static final double LEAST_FLOOR = 0x1p-20;

  /** Smallest scale: classes that agree to the bit have none of their own. */
  public static final double SMALLEST_SCALE = 0.05;

  /** Share of rows that is trimmed at each end. */
  public static final double TRIM = 0.2;

  /** Name of the mean statistic. */
  public static final String MEAN = "CACHE/trimmed-mean-log-error";

  /** Name of the largest statistic. */
  public static final String LARGEST = "CACHE/largest-log-error";

  /** Fewest sequences to fit from; tails are continued reliably from some thousand on. */
  public static final int FEWEST_SEQUENCES = 400;

  /** Every how manyth sequence gives centres and scales. */
  private static final int LAW_SHARE = 4;

  static final double MICRO = 1e6;
  static final double NANO = 1e9;

  /** Smallest mean excess of a tail: a hundredth of an honest scale. */
  static final long RESOLUTION = 10_000;

  /** The 99 % quantile of the normal law. */
  private static final double NORMAL_99 = 2.3263478740408408;

  /** Scores beyond this are as far as they get. */
  private static final double FARTHEST = 1e9;

  /**
   * Whom and what a calibration speaks about.
   *
   * @param model digest of the weights
   * @param traceProfile digest of the trace profile, which says where and in which type rows are
   *     taken
   * @param prover class of the runs that were committed
   * @param verifier class of the runs that they were compared with
   * @param rows rows per request
   * @param longestSequence most positions of a run
   * @param drawn by which rule the runs' cells were drawn; empty in calibrations of version 1,
   *     which do not say it and judge nothing
   */
  public record Scope(
      Digest32 model,
      Digest32 traceProfile,
      ExecutionClass prover,
      ExecutionClass verifier,
      int rows,
      int longestSequence,
      Optional<DrawnCells> drawn) {
    /** Refuses nulls and sizes below one. */
    public Scope {
      Objects.requireNonNull(model, "model");
      Objects.requireNonNull(traceProfile, "traceProfile");
      Objects.requireNonNull(prover, "prover");
      Objects.requireNonNull(verifier, "verifier");
      Objects.requireNonNull(drawn, "drawn");
      if (rows < 1 || longestSequence < 1) {
        throw new IllegalArgumentException(rows + " rows, " + longestSequence + " positions");
      }
    }

    /** The same scope with the rule of the draws. */
    public Scope by(DrawnCells rule) {
      return new Scope(
          model, traceProfile, prover, verifier, rows, longestSequence, Optional.of(rule));
    }
  }

  record Cell(int layer, KvPart part) {}

  record Law(double floor, double centre, double scale) {
    double normalised(double error) {
      return (Math.log(error + floor) - centre) / scale;
    }
  }

  private final Scope scope;
  private final Map<Cell, Law> laws;
  private final StatisticCalibration mean;
  private final StatisticCalibration largest;
  private final List<Power> power;

  CacheCalibration(
      Scope scope, Map<Cell, Law> laws, long[] means, long[] largest, List<Power> power) {
    this.scope = scope;
    this.laws = Map.copyOf(laws);
    this.mean =
        StatisticCalibration.of(MEAN, StatisticCalibration.Side.BOTH, RESOLUTION, means.clone());
    this.largest =
        StatisticCalibration.of(
            LARGEST, StatisticCalibration.Side.UPPER, RESOLUTION, largest.clone());
    this.power = List.copyOf(power);
  }

  /**
   * Calibrates. Every number is rounded, centres and scores to millionths and floors to billionths,
   * so that the signed form is exact.
   *
   * @param sequences honest sequences, at least {@value #FEWEST_SEQUENCES}; every fourth one gives
   *     centres and scales, the others the scores
   * @throws IllegalArgumentException if a sequence has fewer rows, or one that is not finite, or a
   *     layer or part occurs among the others only, or a tail is too heavy to be continued
   */
  public static CacheCalibration fit(Scope scope, List<List<CellError>> sequences) {
    if (sequences.size() < FEWEST_SEQUENCES) {
      throw new IllegalArgumentException(
          sequences.size() + " sequences, at least " + FEWEST_SEQUENCES + " are needed");
    }
    Map<Cell, List<Double>> errors = new HashMap<>();
    for (int i = 0; i < sequences.size(); i += LAW_SHARE) {
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
    List<CacheScore> scores = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      if (i % LAW_SHARE != 0) {
        scores.add(score(sequences.get(i), scope.rows(), laws));
      }
    }
    long[] means = scores.stream().mapToLong(score -> micros(score.mean())).toArray();
    long[] largest = scores.stream().mapToLong(score -> micros(score.largest())).toArray();
    return new CacheCalibration(scope, laws, means, largest, List.of());
  }

  /** Fewest sequences that leave a number of scores, after those that give centres and scales. */
  static int sequencesFor(int scores) {
    return scores + (scores - 1) / (LAW_SHARE - 1) + 1;
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

  private static double rounded(double value) {
    return Math.rint(value * MICRO) / MICRO;
  }

  static long micros(double value) {
    return Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, value)) * MICRO);
  }

  /** The same calibration with figures of what it detects. */
  public CacheCalibration withPower(List<Power> figures) {
    return new CacheCalibration(scope, laws, mean.scores(), largest.scores(), figures);
  }

  /** Whom and what it speaks about. */
  public Scope scope() {
    return scope;
  }

  /** Detection of known deviations, where detected means rejected by cache rows alone. */
  public List<Power> power() {
    return power;
  }

  /** Rows per request. */
  public int cells() {
    return scope.rows();
  }

  /** Honest sequences that a request is ranked among. */
  public int sequences() {
    return mean.sequences();
  }

  Map<Cell, Law> laws() {
    return laws;
  }

  StatisticCalibration mean() {
    return mean;
  }

  StatisticCalibration largest() {
    return largest;
  }

  /**
   * The score of a request: of its first {@link #cells} rows, which must be in random order.
   *
   * @throws IllegalArgumentException if there are fewer rows, one is not usable, or a layer was not
   *     calibrated
   */
  public CacheScore score(List<CellError> errors) {
    return score(errors, scope.rows(), laws);
  }

  private static CacheScore score(List<CellError> errors, int rows, Map<Cell, Law> laws) {
    if (errors.size() < rows) {
      throw new IllegalArgumentException(errors.size() + " rows of " + rows);
    }
    double[] z = new double[rows];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < rows; i++) {
      z[i] = normalised(errors.get(i), laws);
      largest = Math.max(largest, z[i]);
    }
    return new CacheScore(RobustStatistics.trimmedMean(TRIM, z), largest, rows);
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

  /**
   * The p-value of a score: twice the smaller of the two statistics'. Beyond the calibration's data
   * it rests on their tail law.
   */
  public double pValue(CacheScore score) {
    return Math.min(
        1,
        2 * Math.min(mean.pValue(micros(score.mean())), largest.pValue(micros(score.largest()))));
  }

  /**
   * The evidence of a score for the combined verdict.
   *
   * @param alpha the policy's level of rejection
   * @param borderline the policy's level of acceptance
   */
  public Evidence evidence(CacheScore score, double alpha, double borderline) {
    CalibratedCheck check = new CalibratedCheck(CheckName.CACHE, id(), alpha, borderline);
    check.add(mean, micros(score.mean()));
    check.add(largest, micros(score.largest()));
    return check.evidence(score.cells());
  }

  /** SHA-256 of {@link #encode}; also the id of the signed message. */
  public Digest32 id() {
    return Digest32.sha256(encode());
  }

  /** The payload: deterministic CBOR, see {@code docs/wire.cddl}. */
  public byte[] encode() {
    return CacheCalibrationCodec.encode(this);
  }

  /**
   * Reads one calibration and nothing else; tails are fitted again.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives
   */
  public static CacheCalibration decode(byte[] payload) throws MalformedMessageException {
    return CacheCalibrationCodec.decode(payload);
  }

  /** Signs with the calibrator's key. */
  public SignedMessage sign(SigningKey calibrator, String networkId) {
    return SignedMessage.sign(calibrator, MessageType.CACHE_CALIBRATION, encode(), networkId);
  }
}
