package io.verillm.cache.matching;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.DrawStream;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Judges opened cache rows on a prefill that the other checks read too. Give it to {@code
 * PrefillReplay.withCheck}.
 *
 * <p>For two canonical classes every row must agree. For any other pair the request's score becomes
 * a p-value by calibration and an e-value of the combined verdict; a calibration whose runs' cells
 * were drawn by another rule than the challenge's judges nothing. It proves that the cache can be
 * computed from model and tokens, not that the model chose the tokens: decode with something cheap,
 * run one honest prefill, and every row matches. The token check answers that, and no policy can be
 * built without it. Immutable and thread-safe.
 */
public final class CacheCheck implements PrefillCheck {
  private final CacheBook book;

  /** Makes a check that judges canonical pairs exactly and other pairs by a book's calibrations. */
  public CacheCheck(CacheBook book) {
    this.book = Objects.requireNonNull(book, "book");
  }

  @Override
  public CheckName check() {
    return CheckName.CACHE;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    CellErrors rows = CellErrors.of(subject.opened());
    return Run.ofRows(rows, () -> ofWholeRows(subject, verifier, rows));
  }

  private CheckResult ofWholeRows(ReplaySubject subject, ExecutionClass verifier, CellErrors rows) {
    List<CellError> errors = rows.complete();
    return subject.drawn().shown().isPresent()
        ? new CheckResult.Undecided(
            CheckName.CACHE,
            Shortfall.COVERAGE,
            "the prover shows sketches, and this check reads whole rows: give the verifier"
                + " io.verillm.cache.compact.SketchCheck")
        : judge(subject, verifier, new Measured(errors, rows.unequal(), 0));
  }

  /**
   * How the drawn cells of a request compare with a prefill.
   *
   * @param errors of every row above layer 0
   * @param unequal those that differ in a bit in the type that was committed
   * @param sketchOutputs values per row of the sketches that were compared; 0 for whole rows
   */
  public record Measured(List<CellError> errors, List<CellError> unequal, int sketchOutputs) {
    /** Copies the lists. */
    public Measured {
      errors = List.copyOf(errors);
      unequal = List.copyOf(unequal);
    }
  }

  /** Judges what was measured, of rows or of sketches. */
  public CheckResult judge(ReplaySubject subject, ExecutionClass verifier, Measured cells) {
    return new Judgement(subject, verifier, cells).result();
  }

  private final class Judgement {
    private final ReplaySubject subject;
    private final ExecutionClass verifier;
    private final Measured cells;

    Judgement(ReplaySubject subject, ExecutionClass verifier, Measured cells) {
      this.subject = Objects.requireNonNull(subject, "subject");
      this.verifier = Objects.requireNonNull(verifier, "verifier");
      this.cells = Objects.requireNonNull(cells, "cells");
    }

    private String what() {
      return cells.sketchOutputs() == 0 ? "opened cache rows" : "sketched cache rows";
    }

    CheckResult result() {
      List<CellError> errors = cells.errors();
      ExecutionClass prover = subject.receipt().executionClass();
      if (errors.isEmpty()) {
        return undecided(Shortfall.COVERAGE, "no cache row above layer 0 was opened");
      }
      CellError worst =
          errors.stream().max(Comparator.comparingDouble(CellError::error)).orElseThrow();
      if (prover.isCanonical() && verifier.isCanonical()) {
        return exact(errors.size());
      }
      List<CacheCalibration> pair = book.find(subject, verifier);
      if (pair.isEmpty()) {
        return undecided(
            Shortfall.UNCALIBRATED,
            String.format(
                Locale.ROOT,
                "%d cache rows differ by up to %.4f; no calibration of cache rows covers class %s"
                    + " judged by %s",
                errors.size(),
                worst.error(),
                prover,
                verifier));
      }
      Optional<CacheCalibration> found = pair.stream().filter(this::speaksOfTheDraw).findFirst();
      return found.isEmpty() ? drawnOtherwise(pair) : measured(errors, worst, found.get());
    }

    private boolean speaksOfTheDraw(CacheCalibration calibration) {
      int layers = ChallengePlan.layersOf(subject.opened().layout()).size();
      return calibration
          .scope()
          .drawn()
          .filter(
              drawn ->
                  drawn.sketchOutputs() == cells.sketchOutputs()
                      && drawn.fits(subject.drawn().plan(), subject.fedTokens().size(), layers))
          .isPresent();
    }

    private CheckResult drawnOtherwise(List<CacheCalibration> pair) {
      List<String> rules =
          pair.stream()
              .map(
                  one ->
                      one.scope()
                          .drawn()
                          .map(DrawnCells::toString)
                          .orElse("cells by a rule that it does not name"))
              .toList();
      return undecided(
          Shortfall.UNCALIBRATED,
          "the challenge draws "
              + DrawnCells.describe(subject.drawn().plan())
              + (cells.sketchOutputs() == 0
                  ? ""
                  : ", shown as sketches of " + cells.sketchOutputs() + " values")
              + "; the calibration speaks of "
              + String.join(" and of ", rules)
              + ": challenge as it says (verillm challenge --cells), or calibrate for this draw"
              + " (verillm calibrate --cache --cells)");
    }

    private CheckResult exact(int compared) {
      List<CellError> unequal = cells.unequal();
      if (unequal.isEmpty()) {
        return new CheckResult.Held(
            CheckName.CACHE, "all " + compared + " " + what() + " agree bit for bit");
      }
      CellError first = unequal.get(0);
      return new CheckResult.Failed(
          CheckName.CACHE,
          Reason.CACHE_MISMATCH,
          Location.ofRow(first.layer(), first.position()),
          unequal.size()
              + " of "
              + compared
              + " "
              + what()
              + " differ from re-execution, first at layer "
              + first.layer()
              + " ("
              + first.part()
              + "), token "
              + first.position());
    }

    private CheckResult measured(
        List<CellError> errors, CellError worst, CacheCalibration calibration) {
      for (CellError error : errors) {
        if (!error.isUsable()) {
          return undecided(
              Shortfall.COVERAGE,
              "the cache row of layer "
                  + error.layer()
                  + ", token "
                  + error.position()
                  + " is not finite, which nothing can be concluded from");
        }
        if (!calibration.covers(error.layer(), error.part())) {
          return undecided(
              Shortfall.UNCALIBRATED,
              "the calibration does not cover " + error.part() + " of layer " + error.layer());
        }
      }
      int positions = subject.fedTokens().size();
      if (positions > calibration.scope().longestSequence()) {
        return undecided(
            Shortfall.UNCALIBRATED,
            "the answer has "
                + positions
                + " positions, the calibration speaks of "
                + calibration.scope().longestSequence());
      }
      if (errors.size() < calibration.cells()) {
        return undecided(
            Shortfall.COVERAGE,
            errors.size()
                + " cache rows were opened, the calibration is for "
                + calibration.cells());
      }
      CacheScore score = calibration.score(subset(errors, calibration.cells()));
      Evidence evidence = calibration.evidence(score, book.alpha(), book.borderline());
      return new CheckResult.Measured(
          evidence,
          Reason.CACHE_MISMATCH,
          Location.ofRow(worst.layer(), worst.position()),
          String.format(
              Locale.ROOT,
              "%d cache rows: trimmed mean %.2f, largest %.2f honest scales; %s is %.4f, honest"
                  + " runs lie in %.4f to %.4f (%d sequences)",
              score.cells(),
              score.mean(),
              score.largest(),
              evidence.statistic(),
              evidence.valueMicros() / 1e6,
              evidence.lowMicros() / 1e6,
              evidence.highMicros() / 1e6,
              calibration.sequences()));
    }

    private List<CellError> subset(List<CellError> errors, int count) {
      List<CellError> chosen = new ArrayList<>(count);
      for (int index : draw(subject.receipt().digest(), errors, count)) {
        chosen.add(errors.get(index));
      }
      return chosen;
    }

    private CheckResult undecided(Shortfall shortfall, String statement) {
      return new CheckResult.Undecided(CheckName.CACHE, shortfall, statement);
    }
  }

  /**
   * Draws which rows count where more were opened than were calibrated for. Their values must not
   * choose them, nor may the prover: the places that the challenge drew enter, which it did not
   * know when it signed.
   */
  static int[] draw(Digest32 receipt, List<CellError> opened, int count) {
    CborWriter out = new CborWriter().array(1 + 3 * opened.size()).bytes(receipt.toByteArray());
    for (CellError row : opened) {
      out.unsigned(row.layer()).text(row.part().name()).unsigned(row.position());
    }
    return new DrawStream(Digest32.sha256(out.toByteArray())).sample(opened.size(), count);
  }
}
