package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.compact.SketchCheck;
import io.verillm.cache.compact.SketchOpening;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheBook;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.cache.matching.CacheCheck;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.matching.CellMeasurement;
import io.verillm.cache.matching.DrawnCells;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.exec.calibration.CalibrationRun;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Power;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code calibrate --cache} adds to a calibration: honest runs commit keys and values only and
 * open drawn cells, whose errors become a calibration of their own beside that of the tokens.
 */
final class CellCalibration {
  private final int cells;
  private final CellMeasurement measurement;

  /**
   * Prepares one.
   *
   * @param cells cells that a challenge asks for
   * @param sequences runs
   * @param sketchValues values per row of a sketch; 0 for whole rows
   */
  CellCalibration(int cells, int sequences, int sketchValues) {
    if (cells < 1) {
      throw new CommandFailure(
          ExitCode.USAGE, "--cells " + cells + " opens nothing", "give a number from 1 on");
    }
    if (sequences < CacheCalibration.FEWEST_SEQUENCES) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--cache needs at least " + CacheCalibration.FEWEST_SEQUENCES + " runs",
          "--sequences " + CacheBook.SEQUENCES + " gives one that verifiers admit");
    }
    if (sketchValues < 0 || sketchValues > Sketches.MAX_OUTPUTS) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--sketch-values " + sketchValues + " is out of range",
          "give a number from 1 to " + Sketches.MAX_OUTPUTS + ", or leave it out for rows");
    }
    this.cells = cells;
    this.measurement =
        sketchValues == 0
            ? new CellMeasurement()
            : new CellMeasurement(
                subject -> SketchOpening.measuring(subject, SketchedJob.kernels(), sketchValues),
                sketchValues);
  }

  TrialPlan plan(TrialPlan plan) {
    return plan.withCells(cells);
  }

  CalibrationRun measuring(CalibrationRun run) {
    return run.withCacheCheck(measurement);
  }

  /** The calibration by the runs of a profile, without figures of what it detects. */
  CacheCalibration fit(CalibrationProfile profile, TraceProfile traceProfile) {
    List<List<CellError>> sequences = measurement.sequences().subList(0, profile.receipts().size());
    // Requests are judged by as many rows as were asked for; a draw may have more.
    int rows =
        Math.min(
            KvPart.values().length * cells,
            sequences.stream().mapToInt(List::size).min().orElseThrow());
    CacheCalibration.Scope scope =
        new CacheCalibration.Scope(
            profile.model(),
            traceProfile.digest(),
            profile.prover(),
            profile.verifier(),
            rows,
            profile.conditions().longestSequence() - 1, // the last token is never fed
            Optional.of(measurement.drawn(cells)));
    try {
      return CacheCalibration.fit(scope, sequences);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "these runs give no calibration of cache rows: " + e.getMessage(),
          "more --sequences, or more --cells, make a lighter tail");
    }
  }

  /** Judges the cells of requests and counts those that cells alone reject. */
  static final class Judge implements PrefillCheck {
    private final PrefillCheck check;
    private int requests;
    private int rejected;

    Judge(CacheCalibration calibration) {
      CacheBook book = CacheBook.unchecked(calibration, Study.ALPHA, Study.BORDERLINE);
      int sketchValues = calibration.scope().drawn().map(DrawnCells::sketchOutputs).orElse(0);
      this.check =
          sketchValues == 0
              ? new CacheCheck(book)
              : SketchCheck.sketchingOpenedRows(book, SketchedJob.kernels(), sketchValues);
    }

    /** Of the requests so far; nothing if there were none. */
    Optional<Power> power(String deviation) {
      return requests == 0
          ? Optional.empty()
          : Optional.of(new Power(deviation, requests, rejected));
    }

    @Override
    public CheckName check() {
      return check.check();
    }

    @Override
    public Run begin(ReplaySubject subject, ExecutionClass verifier) {
      Run run = check.begin(subject, verifier);
      return new Run() {
        @Override
        public CaptureSink rows() {
          return run.rows();
        }

        @Override
        public LogitsSink logits() {
          return run.logits();
        }

        @Override
        public CheckResult result() {
          CheckResult result = run.result();
          requests++;
          if (result instanceof CheckResult.Measured measured
              && new CombinedEvidence(List.of(measured.evidence()), Study.ALPHA, Study.BORDERLINE)
                  .rejects()) {
            rejected++;
          }
          return result;
        }
      };
    }
  }

  /** What a calibration says, and whether a verifier may use it. */
  static ObjectNode view(CacheCalibration calibration) {
    CacheCalibration.Scope scope = calibration.scope();
    ObjectNode view = Json.object();
    view.put("calibration", calibration.id().toString());
    view.put("model", scope.model().toString());
    view.put("traceProfile", scope.traceProfile().toString());
    view.put("prover", scope.prover().toString());
    view.put("verifier", scope.verifier().toString());
    view.put("rows", calibration.cells());
    view.put("scores", calibration.sequences());
    view.put("longestSequence", scope.longestSequence());
    scope
        .drawn()
        .ifPresentOrElse(
            drawn -> {
              ObjectNode rule = view.putObject("drawn");
              rule.put("cells", drawn.cells());
              rule.put("latePercent", drawn.rule().latePercent());
              rule.put("lastPercent", drawn.rule().lastPercent());
              ArrayNode depths = rule.putArray("depths");
              drawn
                  .rule()
                  .law()
                  .forEach(
                      depth ->
                          depths
                              .addObject()
                              .put("layer", depth.layer())
                              .put("weight", depth.weight()));
              rule.put("sketchValues", drawn.sketchOutputs());
            },
            () -> view.putNull("drawn"));
    ObjectNode power = view.putObject("detected");
    calibration.power().forEach(p -> power.put(p.deviation(), p.detected() + "/" + p.requests()));
    Optional<String> objection = CacheBook.inadmissible(calibration);
    view.put("admissible", objection.isEmpty());
    objection.ifPresent(why -> view.put("why", why));
    return view;
  }

  static void report(CacheCalibration calibration, Consumer<String> say) {
    say.accept(
        String.format(
            Locale.ROOT,
            "  cache rows: %d of a request, %d honest scores, at most %d positions",
            calibration.cells(),
            calibration.sequences(),
            calibration.scope().longestSequence()));
    calibration.scope().drawn().ifPresent(drawn -> say.accept("  drawn: " + drawn));
    calibration
        .power()
        .forEach(
            power ->
                say.accept(
                    String.format(
                        Locale.ROOT,
                        "  %s rejected by cache rows alone: %d of %d, at least %.3f",
                        power.deviation(),
                        power.detected(),
                        power.requests(),
                        power.lowerBound())));
    CacheBook.inadmissible(calibration)
        .ifPresent(why -> say.accept("  NOT admissible for cache rows: " + why));
  }
}
