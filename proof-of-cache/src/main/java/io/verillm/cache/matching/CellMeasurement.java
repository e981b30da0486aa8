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
        sequences.add(rows.complete());
        return new CheckResult.Held(CheckName.CACHE, "measured");
      }
    };
  }

  /** Errors of every run so far, in their order. */
  public List<List<CellError>> sequences() {
    return List.copyOf(sequences);
  }
}
