package io.verillm.cache.compact;

import io.verillm.cache.compact.EvidenceForm.Kind;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheBook;
import io.verillm.cache.matching.CacheCheck;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.DrawnRows;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Objects;
import java.util.Optional;

/**
 * Judges the drawn cells of a cache by whichever form the prover shows them in: whole rows as
 * {@link CacheCheck} does, sketches by spots and by a calibration of sketches.
 *
 * <p>A spot whose row does not give the sketch that was signed for it is an objective fault: row
 * and sketch carry the prover's signature. Sketches that hold at the spots are no proof that the
 * others are of committed rows; {@link io.verillm.core.challenge.Sketches#escape} says how probable
 * a lie is to be missed. Immutable and thread-safe.
 */
public final class SketchCheck implements PrefillCheck {
  private final CacheCheck rows;
  private final ComparisonKernels kernels;
  private final int sketchOpened;

  /**
   * Makes a check.
   *
   * @param kernels compute sketches; every provider gives the same bits
   */
  public SketchCheck(CacheBook book, ComparisonKernels kernels) {
    this(book, kernels, 0);
  }

  private SketchCheck(CacheBook book, ComparisonKernels kernels, int sketchOpened) {
    this.rows = new CacheCheck(book);
    this.kernels = Objects.requireNonNull(kernels, "kernels");
    this.sketchOpened = sketchOpened;
  }

  /**
   * A check that sketches whole rows, once they were opened, and judges the sketches: for measuring
   * what sketches detect, on runs that open rows.
   *
   * @param outputs values per row
   */
  public static SketchCheck sketchingOpenedRows(
      CacheBook book, ComparisonKernels kernels, int outputs) {
    if (outputs < 1) {
      throw new IllegalArgumentException(outputs + " values per row");
    }
    return new SketchCheck(book, kernels, outputs);
  }

  @Override
  public CheckName check() {
    return CheckName.CACHE;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    Optional<DrawnRows.Shown> shown = subject.drawn().shown();
    if (shown.isEmpty() && sketchOpened == 0) {
      return rows.begin(subject, verifier);
    }
    SketchOpening sketches;
    SketchKernel kernel;
    if (shown.isPresent()) {
      sketches = SketchOpening.of(shown.get().sketches());
      kernel = kernel(subject, shown.get().sketches().outputs());
    } else {
      kernel = kernel(subject, sketchOpened);
      sketches =
          SketchOpening.ofOpened(
              subject.receipt().digest(), kernel, subject.opened(), subject.drawn().rows());
    }
    SketchOpening.Errors errors =
        sketches.errors(kernel, subject.drawn().rows(), subject.opened().layout());
    return Run.ofRows(
        errors,
        () -> {
          CacheCheck.Measured cells =
              new CacheCheck.Measured(errors.complete(), errors.unequal(), kernel.outputs());
          return shown
              .flatMap(two -> againstTheProversOwn(subject, sketches, kernel, two))
              .orElseGet(() -> rows.judge(subject, verifier, cells));
        });
  }

  private SketchKernel kernel(ReplaySubject subject, int outputs) {
    return new SketchKernel(kernels, subject.drawn().value(), subject.receipt().digest(), outputs);
  }

  /** What needs no class: receipt, sketches and opened rows contradict each other. */
  private static Optional<CheckResult> againstTheProversOwn(
      ReplaySubject subject, SketchOpening sketches, SketchKernel kernel, DrawnRows.Shown shown) {
    Optional<SketchOpening.Spot> wrong =
        sketches.wrongSpot(kernel, subject.drawn().rows(), shown.spots(), subject.opened());
    if (wrong.isPresent()) {
      int layer = wrong.get().key().layer();
      KvPart part = wrong.get().key().kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
      return Optional.of(
          new CheckResult.Failed(
              CheckName.CACHE,
              Reason.SKETCH_MISMATCH,
              Location.ofRow(layer, wrong.get().position()),
              "the opened cache row of layer "
                  + layer
                  + " ("
                  + part
                  + "), token "
                  + wrong.get().position()
                  + ", does not give the sketch that was signed for it"));
    }
    String offered;
    try {
      EvidenceForm form = EvidenceForm.of(subject.receipt());
      if (form.kind() == Kind.SKETCHES && form.parameter() == kernel.outputs()) {
        return Optional.empty();
      }
      offered = form.kind() + " (" + form.parameter() + ")";
    } catch (MalformedMessageException e) {
      offered = "a form that cannot be read: " + e.getMessage();
    }
    return Optional.of(
        new CheckResult.Undecided(
            CheckName.CACHE,
            Shortfall.COVERAGE,
            "sketches of "
                + kernel.outputs()
                + " values were shown, the receipt offers "
                + offered));
  }
}
