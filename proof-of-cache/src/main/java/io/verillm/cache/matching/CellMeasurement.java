package io.verillm.cache.matching;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplaySubject;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the opened cache rows of honest runs in place of judging them, for {@link
 * CacheCalibration#fit}. Everything that it sees holds: never give it to a verifier whose verdicts
 * count. One run at a time.
 */
public final class CellMeasurement implements PrefillCheck {
  private final List<List<CellError>> sequences = new ArrayList<>();

  /** Begins with no runs. */
  public CellMeasurement() {}

  @Override
  public CheckName check() {
    return CheckName.CACHE;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    CellErrors rows = CellErrors.of(subject.opened());
    return new Run() {
      @Override
      public CaptureSink rows() {
        return rows;
      }

      @Override
      public LogitsSink logits() {
        return LogitsSink.none();
      }

      @Override
      public CheckResult result() {
        List<CellError> opened = rows.complete();
        List<CellError> shuffled = new ArrayList<>(opened.size());
        for (int index : CacheCheck.draw(subject.receipt().digest(), opened, opened.size())) {
          shuffled.add(opened.get(index));
        }
        sequences.add(shuffled);
        return new CheckResult.Held(CheckName.CACHE, "measured");
      }
    };
  }

  /**
   * Errors of every run so far, in the order of the runs; those of one run in the order in which a
   * check draws them, so that the first ones are a draw too.
   */
  public List<List<CellError>> sequences() {
    return List.copyOf(sequences);
  }
}
