package io.verillm.cache.matching;

import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplaySubject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Measures the opened cache rows of honest runs in place of judging them, for {@link
 * CacheCalibration#fit}. Everything that it sees holds: never give it to a verifier whose verdicts
 * count. One run at a time.
 */
public final class CellMeasurement implements PrefillCheck {
  private final List<List<CellError>> sequences = new ArrayList<>();
  private final List<Draw> draws = new ArrayList<>();

  private record Draw(ChallengePlan plan, int committed, int layers) {}

  private final Function<ReplaySubject, Errors> source;
  private final int sketchOutputs;

  /** Measures one run. */
  public interface Errors extends CaptureSink {
    /**
     * The errors of everything that was drawn above layer 0.
     *
     * @throws IllegalStateException if the executor did not give every row
     */
    List<CellError> complete();
  }

  /** Begins with no runs, to measure whole rows. */
  public CellMeasurement() {
    this(subject -> CellErrors.of(subject.opened()), 0);
  }

  /**
   * Begins with no runs, to measure something that is made of whole rows.
   *
   * @param sketchOutputs values per row of a sketch; 0 for whole rows
   */
  public CellMeasurement(Function<ReplaySubject, Errors> source, int sketchOutputs) {
    this.source = source;
    this.sketchOutputs = sketchOutputs;
  }

  @Override
  public CheckName check() {
    return CheckName.CACHE;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    Errors rows = source.apply(subject);
    return Run.ofRows(rows, () -> keep(subject, rows.complete()));
  }

  private CheckResult keep(ReplaySubject subject, List<CellError> opened) {
    List<CellError> shuffled = new ArrayList<>(opened.size());
    for (int index : CacheCheck.draw(subject.receipt().digest(), opened, opened.size())) {
      shuffled.add(opened.get(index));
    }
    sequences.add(shuffled);
    draws.add(
        new Draw(
            subject.drawn().plan(),
            subject.fedTokens().size(),
            ChallengePlan.layersOf(subject.opened().layout()).size()));
    return new CheckResult.Held(CheckName.CACHE, "measured");
  }

  /**
   * Errors of every run so far, in the order of the runs; those of one run in the order in which a
   * check draws them, so that the first ones are a draw too.
   */
  public List<List<CellError>> sequences() {
    return List.copyOf(sequences);
  }

  /**
   * The rule by which the cells of every run so far were drawn, from the runs' own challenges.
   *
   * @param cells cells that the challenges asked for
   * @throws IllegalStateException if there were no runs, or one's challenge drew otherwise
   */
  public DrawnCells drawn(int cells) {
    CellRule rule =
        draws.stream()
            .findFirst()
            .flatMap(one -> one.plan().cells())
            .orElseThrow(() -> new IllegalStateException("no run whose cells a rule drew"));
    DrawnCells drawn = new DrawnCells(cells, rule, sketchOutputs);
    for (Draw one : draws) {
      if (!drawn.fits(one.plan(), one.committed(), one.layers())) {
        throw new IllegalStateException(
            "a run's challenge draws " + DrawnCells.describe(one.plan()) + ", not " + drawn);
      }
    }
    return drawn;
  }
}
