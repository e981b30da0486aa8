package io.verillm.cache.matching;

import io.verillm.core.challenge.DrawStream;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.CombinedEvidence;
import io.verillm.core.verdict.Evidence;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.sequential.Calibrator;
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
 * a p-value by calibration and an e-value of the combined verdict. It proves that the cache can be
 * computed from model and tokens, not that the model chose the tokens: decode with something cheap,
 * run one honest prefill, and every row matches. The token check answers that, and no policy can be
 * built without it. Immutable and thread-safe.
 */
public final class CacheCheck implements PrefillCheck {
  /** Name of the statistic: the trimmed mean of normalised log relative errors. */
  public static final String STATISTIC = "kv-log-relative-error";

  /** Thresholds are stated in millionths within this bound. */
  private static final double UNBOUNDED = 1e12;

  private final List<CacheCalibration> calibrations;
  private final double alpha;

  /**
   * Makes a check.
   *
   * @param calibrations whose signatures and keys the caller has checked
   * @param alpha level at which the verdict's evidence is aimed, the policy's
   */
  public CacheCheck(List<CacheCalibration> calibrations, double alpha) {
    this.calibrations = List.copyOf(calibrations);
    if (!(alpha > 0 && alpha <= 0.5)) {
      throw new IllegalArgumentException("level " + alpha);
    }
    this.alpha = alpha;
  }

  @Override
  public CheckName check() {
    return CheckName.CACHE;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    return new Measurement(subject, verifier);
  }

  private Optional<CacheCalibration> calibration(
      Digest32 model, ExecutionClass prover, ExecutionClass verifier) {
    return calibrations.stream()
        .filter(
            each ->
                each.model().equals(model)
                    && each.proverClass().equals(prover.arithmetic())
                    && each.verifierClass().equals(verifier.arithmetic()))
        .findFirst();
  }

  private final class Measurement implements Run {
    private final ReplaySubject subject;
    private final ExecutionClass verifier;
    private final CellErrors rows;

    Measurement(ReplaySubject subject, ExecutionClass verifier) {
      this.subject = Objects.requireNonNull(subject, "subject");
      this.verifier = Objects.requireNonNull(verifier, "verifier");
      this.rows = CellErrors.of(subject.opened());
    }

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
      List<CellError> errors = rows.errors();
      if (errors.size() != rows.expected()) {
        throw new IllegalStateException(
            "the executor gave " + errors.size() + " of " + rows.expected() + " opened cache rows");
      }
      ExecutionClass prover = subject.receipt().executionClass();
      if (errors.isEmpty()) {
        return undecided(Shortfall.COVERAGE, "no cache row above layer 0 was opened");
      }
      CellError worst =
          errors.stream().max(Comparator.comparingDouble(CellError::error)).orElseThrow();
      if (prover.isCanonical() && verifier.isCanonical()) {
        return exact(errors, worst);
      }
      Optional<CacheCalibration> found = calibration(subject.order().model(), prover, verifier);
      if (found.isEmpty()) {
        return undecided(
            Shortfall.UNCALIBRATED,
            String.format(
                Locale.ROOT,
                "%d cache rows differ by up to %.4f; no calibration of cache rows covers class %s"
                    + " judged by %s",
                errors.size(),
                worst.error(),
                prover.arithmetic(),
                verifier.arithmetic()));
      }
      return measured(errors, worst, found.get());
    }

    private CheckResult exact(List<CellError> errors, CellError worst) {
      long differing = errors.stream().filter(error -> error.error() > 0).count();
      if (differing == 0) {
        return new CheckResult.Held(
            CheckName.CACHE, "all " + errors.size() + " opened cache rows agree");
      }
      return new CheckResult.Failed(
          CheckName.CACHE,
          Reason.CACHE_MISMATCH,
          Location.ofRow(worst.layer(), worst.position()),
          differing
              + " of "
              + errors.size()
              + " opened cache rows differ from re-execution, most at layer "
              + worst.layer()
              + ", token "
              + worst.position());
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
      if (errors.size() < calibration.cells()) {
        return undecided(
            Shortfall.COVERAGE,
            errors.size()
                + " cache rows were opened, the calibration is for "
                + calibration.cells());
      }
      CacheScore score = calibration.score(subset(errors, calibration.cells()));
      double p = calibration.pValue(score);
      double e =
          Math.min(
              Evidence.LARGEST,
              Calibrator.aimedAt(alpha, CombinedEvidence.SLOTS.size()).applyTo(p));
      double high = calibration.threshold(0.4 * alpha / CombinedEvidence.SLOTS.size());
      return new CheckResult.Measured(
          new Evidence(
              CheckName.CACHE,
              calibration.id(),
              STATISTIC,
              micros(score.mean()),
              micros(-UNBOUNDED),
              micros(high),
              e,
              score.cells(),
              CacheCalibration.TAIL),
          Reason.CACHE_MISMATCH,
          Location.ofRow(worst.layer(), worst.position()),
          String.format(
              Locale.ROOT,
              "%d cache rows: trimmed mean %.2f, largest %.2f honest scales; p = %.3g by %d honest"
                  + " sequences",
              score.cells(),
              score.mean(),
              score.largest(),
              p,
              calibration.sequences()));
    }

    /** Any rows do, as long as their values did not choose them. */
    private List<CellError> subset(List<CellError> errors, int count) {
      DrawStream stream = new DrawStream(subject.receipt().digest());
      List<CellError> chosen = new ArrayList<>(count);
      for (int index : stream.sample(errors.size(), count)) {
        chosen.add(errors.get(index));
      }
      return chosen;
    }

    private CheckResult undecided(Shortfall shortfall, String statement) {
      return new CheckResult.Undecided(CheckName.CACHE, shortfall, statement);
    }
  }

  private static long micros(double value) {
    return Math.round(Math.max(-UNBOUNDED, Math.min(UNBOUNDED, value)) * 1e6);
  }
}
