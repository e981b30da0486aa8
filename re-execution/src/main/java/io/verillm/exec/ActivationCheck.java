package io.verillm.exec;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.stats.calibration.CalibratedCheck;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.ProfileBook;
import io.verillm.stats.calibration.StatisticCalibration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares every opened row with the row that the prefill gives. Algebraic commitments among the
 * rows are not compared here: {@link io.verillm.core.verdict.CheckName#COMMITMENTS} holds them
 * against the rows that they are commitments to.
 *
 * <p>It does not show which model drew the tokens: one honest prefill over a text that something
 * cheap wrote passes it. Thread-safe.
 */
public final class ActivationCheck implements PrefillCheck {
  private final ProfileBook book;
  private final boolean leavesCache;
  private final Consumer<VeriLlmStatistics> published;

  /** Makes a check that judges canonical pairs exactly and other pairs by the book's profiles. */
  public ActivationCheck(ProfileBook book) {
    this(book, ignored -> {});
  }

  /**
   * The same check, for measuring what the published comparison says beside it.
   *
   * @param published receives that comparison once for each request whose pair is not canonical and
   *     whose rows are compared; called by the thread that verifies
   */
  public ActivationCheck(ProfileBook book, Consumer<VeriLlmStatistics> published) {
    this(book, published, false);
  }

  private ActivationCheck(
      ProfileBook book, Consumer<VeriLlmStatistics> published, boolean leavesCache) {
    this.book = Objects.requireNonNull(book, "book");
    this.published = Objects.requireNonNull(published, "published");
    this.leavesCache = leavesCache;
  }

  /**
   * The same check for use beside one of {@link CheckName#CACHE}: where a pair is not canonical,
   * rows that the other check judges are not judged here too. An answer must not be accepted by it
   * without that check.
   */
  public ActivationCheck leavingCacheRows() {
    return new ActivationCheck(book, published, true);
  }

  /**
   * Whether a row is the other check's: those of layer 0 follow from the token and are nobody's.
   */
  public static boolean isLeftToCache(RowKey key) {
    return key.kind().isCached() && key.layer() > 0;
  }

  @Override
  public CheckName check() {
    return CheckName.ACTIVATIONS;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    return new Comparison(book, published, leavesCache, subject, verifier);
  }

  private static final class Comparison implements Run, CaptureSink {
    private final ProfileBook book;
    private final boolean leavesCache;
    private final Consumer<VeriLlmStatistics> observer;
    private final ReplaySubject subject;
    private final ActivationScores scores = new ActivationScores();
    private final OpeningOutcome.Verified opened;
    private final Set<RowKey> wanted = new HashSet<>();
    private final Map<Integer, Set<RowKey>> expectedAt = new HashMap<>();
    private final List<CellDifference> cells = new ArrayList<>();
    private final ExecutionClass claimed;
    private final ExecutionClass verifier;
    private final boolean exact;
    private final List<float[]> claimedValues = new ArrayList<>();
    private final List<float[]> rerunValues = new ArrayList<>();
    private int expected;

    Comparison(
        ProfileBook book,
        Consumer<VeriLlmStatistics> observer,
        boolean leavesCache,
        ReplaySubject subject,
        ExecutionClass verifier) {
      this.book = book;
      this.observer = observer;
      this.subject = subject;
      this.opened = subject.opened();
      this.claimed = subject.receipt().executionClass();
      this.verifier = verifier;
      this.exact = claimed.isCanonical() && verifier.isCanonical();
      this.leavesCache = leavesCache && !exact;
      for (PositionEntry entry : opened.entries()) {
        if (entry.loaded()) {
          continue;
        }
        Set<RowKey> keys = new HashSet<>(opened.rowsAt(entry.position()));
        keys.removeIf(key -> key.kind() == TensorKind.COMMITMENT); // no model computes those
        expectedAt.put(entry.position(), keys);
        wanted.addAll(keys);
        expected += keys.size();
      }
    }

    @Override
    public CaptureSink rows() {
      return this;
    }

    @Override
    public LogitsSink logits() {
      return LogitsSink.none();
    }

    /** In the order of positions, then layers, then the layout. */
    @Override
    public List<CellDifference> cells() {
      TraceLayout layout = opened.layout();
      return cells.stream()
          .sorted(
              Comparator.comparingInt(CellDifference::position)
                  .thenComparingInt(cell -> cell.key().layer())
                  .thenComparingInt(cell -> layout.indexOf(cell.key()).orElseThrow()))
          .toList();
    }

    @Override
    public boolean wants(RowKey key) {
      return wanted.contains(key);
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      int count = Math.toIntExact(rows.shape().dimension(0));
      for (int i = 0; i < count; i++) {
        int position = firstPosition + i;
        if (expectedAt.getOrDefault(position, Set.of()).contains(key)) {
          TensorView claimed = opened.row(position, key).orElseThrow();
          RowDifference difference = RowDifference.compare(claimed, inTypeOf(claimed, rows.row(i)));
          cells.add(new CellDifference(key, position, difference.unequal(), difference.elements()));
          if (leavesCache && isLeftToCache(key)) {
            continue;
          }
          scores.add(key, difference);
          if (!exact) {
            claimedValues.add(FloatTensors.toFloats(claimed));
            rerunValues.add(FloatTensors.toFloats(rows.row(i)));
          }
        }
      }
    }

    /** VeriLLM's own comparison of the same rows, shown beside ours and never decisive. */
    String published() {
      if (claimedValues.isEmpty()) {
        return "";
      }
      VeriLlmStatistics.Parameters parameters = VeriLlmStatistics.Parameters.published();
      VeriLlmStatistics found =
          VeriLlmStatistics.compare(joined(claimedValues), joined(rerunValues), parameters);
      observer.accept(found);
      return String.format(
          Locale.ROOT,
          "; published comparison: P_e %.4f, P_m %.4f, P_w %.4f, mean %.6f, which its thresholds"
              + " %s",
          found.exponentMismatches(),
          found.largeAmongMismatches(),
          found.smallAmongMatches(),
          found.meanDifference(),
          found.accepts(parameters) ? "accept" : "reject");
    }

    private static float[] joined(List<float[]> rows) {
      int length = rows.stream().mapToInt(row -> row.length).sum();
      float[] all = new float[length];
      int at = 0;
      for (float[] row : rows) {
        System.arraycopy(row, 0, all, at, row.length);
        at += row.length;
      }
      return all;
    }

    /** Executors give F32; a prover may have committed the 16-bit values that it attended to. */
    private static TensorView inTypeOf(TensorView claimed, TensorView rerun) {
      return claimed.dtype() == rerun.dtype()
          ? rerun
          : FloatTensors.ofFloats(claimed.dtype(), rerun.shape(), FloatTensors.toFloats(rerun));
    }

    @Override
    public CheckResult result() {
      if (cells.size() != expected) {
        throw new IllegalStateException(
            "the executor gave " + cells.size() + " of " + expected + " opened rows");
      }
      List<CellDifference> cells =
          cells().stream().filter(cell -> !leavesCache || !isLeftToCache(cell.key())).toList();
      if (cells.isEmpty() && expected > 0) {
        return new CheckResult.Held(
            CheckName.ACTIVATIONS,
            "all " + expected + " opened rows are of the cache, which the check CACHE judges");
      }
      Optional<ProfileBook.Entry> calibration =
          exact ? Optional.empty() : book.find(subject, verifier);
      if (calibration.isPresent()) {
        return calibrated(calibration.get());
      }
      Optional<CellDifference> first =
          cells.stream().filter(cell -> cell.unequal() > 0).findFirst();
      long differing = cells.stream().filter(cell -> cell.unequal() > 0).count();
      if (first.isEmpty()) {
        return new CheckResult.Held(
            CheckName.ACTIVATIONS, "all " + cells.size() + " opened rows agree bit for bit");
      }
      CellDifference cell = first.get();
      String what =
          differing
              + " of "
              + cells.size()
              + " opened rows differ from re-execution, first at layer "
              + cell.key().layer()
              + " ("
              + cell.key().kind()
              + "), token "
              + cell.position()
              + ": "
              + cell.unequal()
              + " of "
              + cell.elements()
              + " elements";
      return exact
          ? new CheckResult.Failed(
              CheckName.ACTIVATIONS,
              Reason.ACTIVATION_MISMATCH,
              Location.ofRow(cell.key().layer(), cell.position()),
              what)
          : new CheckResult.Undecided(
              CheckName.ACTIVATIONS,
              Shortfall.UNCALIBRATED,
              what + Uncalibrated.pair(claimed, verifier) + published());
    }

    /** Every calibrated statistic counts, the quiet side too. */
    private CheckResult calibrated(ProfileBook.Entry entry) {
      CalibrationProfile profile = entry.profile();
      Optional<CheckResult> outside = outside(CheckName.ACTIVATIONS, profile, subject);
      if (outside.isPresent()) {
        return outside.get();
      }
      CalibratedCheck check =
          new CalibratedCheck(CheckName.ACTIVATIONS, entry.id(), book.alpha(), book.borderline());
      Map<String, Long> micros = scores.micros();
      List<String> judged = new ArrayList<>();
      for (StatisticCalibration statistic : profile.statistics()) {
        Long score = micros.get(statistic.name());
        if (statistic.name().startsWith("TOKENS/")) {
          continue;
        }
        if (score == null
            || scores.rowsOf(statistic.name()) < profile.conditions().positionsOpened()) {
          return new CheckResult.Undecided(
              CheckName.ACTIVATIONS,
              Shortfall.COVERAGE,
              scores.rowsOf(statistic.name())
                  + " rows of "
                  + statistic.name()
                  + " were opened, the calibration speaks of "
                  + profile.conditions().positionsOpened());
        }
        check.add(statistic, score);
        judged.add(statistic.name());
      }
      if (judged.isEmpty()) {
        return new CheckResult.Undecided(
            CheckName.ACTIVATIONS,
            Shortfall.UNCALIBRATED,
            "the calibration speaks of tokens only; cache rows need one of their own");
      }
      String loudest = judged.get(check.loudest());
      Evidence evidence = check.evidence(cells.size());
      return new CheckResult.Measured(
          evidence,
          Reason.ACTIVATION_MISMATCH,
          Location.ofRow(scores.layerOf(loudest), firstPositionOf(loudest)),
          String.format(
                  Locale.ROOT,
                  "%d opened rows: %s is %.4f, honest runs lie in %.4f to %.4f",
                  cells.size(),
                  loudest,
                  evidence.valueMicros() / 1e6,
                  evidence.lowMicros() / 1e6,
                  evidence.highMicros() / 1e6)
              + published());
    }

    private int firstPositionOf(String statistic) {
      return cells.stream()
          .filter(cell -> ActivationScores.nameOf(cell.key()).equals(statistic))
          .mapToInt(CellDifference::position)
          .min()
          .orElseThrow();
    }
  }

  /** What a profile does not speak about. */
  static Optional<CheckResult> outside(
      CheckName check, CalibrationProfile profile, ReplaySubject subject) {
    int positions = subject.order().prompt().size() + subject.output().size();
    if (positions <= profile.conditions().longestSequence()) {
      return Optional.empty();
    }
    return Optional.of(
        new CheckResult.Undecided(
            check,
            Shortfall.UNCALIBRATED,
            "the answer reaches position "
                + positions
                + ", the calibration speaks of "
                + profile.conditions().longestSequence()));
  }
}
