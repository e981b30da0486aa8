package io.verillm.exec;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingStep;
import io.verillm.core.sampling.TokenMargin;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
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
import java.util.Locale;
import java.util.Optional;

/**
 * Draws every output token again from the prefill's logits, the order's settings and the seed.
 *
 * <p>Between canonical classes every token must be the drawn one. Any other pair is judged by two
 * statistics, the largest margin and the mean of roots of margins, against a calibration. A token
 * that no logits can draw is wrong in every class. Thread-safe.
 *
 * <p>A tolerance leaves the prover a choice among near ties; the finding states it in bits.
 */
public final class TokenCheck implements PrefillCheck {
  private final ProfileBook book;

  /** Makes a check that judges canonical pairs exactly and other pairs by the book's profiles. */
  public TokenCheck(ProfileBook book) {
    this.book = book;
  }

  @Override
  public CheckName check() {
    return CheckName.TOKENS;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    ExecutionClass claimed = subject.receipt().executionClass();
    boolean exact = claimed.isCanonical() && verifier.isCanonical();
    Optional<ProfileBook.Entry> calibration =
        exact ? Optional.empty() : book.find(subject, verifier);
    return new Redraw(book, subject, exact, verifier, calibration);
  }

  /** The margin that one token may have at most before the check rejects by it alone. */
  private static long extremeBoundMicros(
      CalibrationProfile profile, double alpha, SamplingManifest order, int outputTokens) {
    if (profile.conditions().coversMargins(order, outputTokens)) {
      double level = CalibratedCheck.alone(alpha, 2) / profile.conditions().regimes().size();
      return required(profile, TokenScores.LARGEST_MARGIN).highThreshold(level);
    }
    long epsilon =
        required(profile, TokenScores.LARGEST_DIFFERENCE)
            .highThreshold(CalibratedCheck.alone(alpha, 1));
    return (long) Math.ceil(2 * epsilon * stretch(order));
  }

  /** A repetition penalty θ stretches differences of logits by max(θ, 1/θ). */
  private static double stretch(SamplingManifest order) {
    double penalty = order.repetitionPenaltyMicros() / 1e6;
    return Math.max(penalty, 1 / penalty);
  }

  private static StatisticCalibration required(CalibrationProfile profile, String name) {
    return profile
        .statistic(name)
        .orElseThrow(() -> new IllegalStateException("the profile has no statistic " + name));
  }

  private static final class Redraw implements Run, LogitsSink {
    private final ProfileBook book;
    private final ReplaySubject subject;
    private final boolean exact;
    private final ExecutionClass verifier;
    private final Optional<ProfileBook.Entry> calibration;
    private final int promptTokens;
    private final int[] tokens;
    private final TokenSampler sampler;
    private final long boundMicros;
    private final TokenScores scores = new TokenScores();
    private int firstWrong = -1;
    private int wrong;
    private int suppressedAt = -1;
    private double firstMargin;
    private double freedomBits;
    private int replayed;

    Redraw(
        ProfileBook book,
        ReplaySubject subject,
        boolean exact,
        ExecutionClass verifier,
        Optional<ProfileBook.Entry> calibration) {
      this.book = book;
      this.subject = subject;
      this.exact = exact;
      this.verifier = verifier;
      this.calibration = calibration;
      this.promptTokens = subject.order().prompt().size();
      this.tokens = subject.order().prompt().concat(subject.output()).toArray();
      SamplingManifest settings = subject.order().sampling();
      this.sampler = new TokenSampler(settings, new GumbelNoise(subject.seed(), 0));
      this.boundMicros =
          calibration
              .map(
                  entry ->
                      extremeBoundMicros(
                          entry.profile(), book.alpha(), settings, subject.output().size()))
              .orElse(0L);
    }

    @Override
    public boolean wants(int position) {
      return position >= promptTokens - 1;
    }

    @Override
    public void accept(int position, float[] logits) {
      int chosen = position + 1;
      SamplingStep step = sampler.step(logits, tokens, promptTokens, chosen);
      replayed++;
      if (calibration.isPresent()) {
        freedomBits += step.bitsOfFreedom(boundMicros / 1e6);
      }
      if (step.drawn() == tokens[chosen]) {
        scores.add(0, chosen);
        return;
      }
      TokenMargin margin = step.margin(tokens[chosen]);
      scores.add(margin.value(), chosen);
      if (margin.standing() == TokenMargin.Standing.SUPPRESSED && suppressedAt < 0) {
        suppressedAt = chosen;
      }
      wrong++;
      if (firstWrong < 0) {
        firstWrong = chosen;
        firstMargin = margin.value();
      }
    }

    @Override
    public CaptureSink rows() {
      return CaptureSink.none();
    }

    @Override
    public LogitsSink logits() {
      return this;
    }

    @Override
    public int tokensReplayed() {
      return replayed;
    }

    @Override
    public CheckResult result() {
      if (suppressedAt >= 0) {
        return new CheckResult.Failed(
            CheckName.TOKENS,
            Reason.TOKEN_MISMATCH,
            Location.ofToken(suppressedAt),
            "token " + suppressedAt + " is one that the order's settings never draw");
      }
      if (calibration.isPresent()) {
        return calibrated(calibration.get());
      }
      if (wrong == 0) {
        return new CheckResult.Held(
            CheckName.TOKENS,
            "all " + replayed + " output tokens are the ones that model, settings and seed draw");
      }
      String what =
          String.format(
              Locale.ROOT,
              "%d of %d output tokens are not the ones drawn on re-execution, first at token %d"
                  + " (margin %.3f)",
              wrong,
              replayed,
              firstWrong,
              firstMargin);
      return exact
          ? new CheckResult.Failed(
              CheckName.TOKENS, Reason.TOKEN_MISMATCH, Location.ofToken(firstWrong), what)
          : new CheckResult.Undecided(
              CheckName.TOKENS,
              Shortfall.UNCALIBRATED,
              what + Uncalibrated.pair(subject.receipt().executionClass(), verifier));
    }

    private CheckResult calibrated(ProfileBook.Entry entry) {
      CalibrationProfile profile = entry.profile();
      Optional<CheckResult> outside = ActivationCheck.outside(CheckName.TOKENS, profile, subject);
      if (outside.isPresent()) {
        return outside.get();
      }
      SamplingManifest settings = subject.order().sampling();
      CalibratedCheck check =
          new CalibratedCheck(CheckName.TOKENS, entry.id(), book.alpha(), book.borderline());
      StatisticCalibration epsilon = required(profile, TokenScores.LARGEST_DIFFERENCE);
      boolean covered = profile.conditions().coversMargins(settings, replayed);
      if (covered) {
        // The runs mix r regimes in equal shares: one regime alone can exceed r times as often.
        int regimes = profile.conditions().regimes().size();
        StatisticCalibration mean = required(profile, TokenScores.MEAN_ROOT_MARGIN);
        long micros = scores.meanRootMicros();
        check.add(mean, micros, Math.min(1, regimes * mean.pValue(micros)));
        StatisticCalibration largest = required(profile, TokenScores.LARGEST_MARGIN);
        check.add(
            largest,
            scores.largestMicros(),
            Math.min(1, regimes * largest.pValue(scores.largestMicros())));
      } else {
        check.add(epsilon, (long) Math.floor(scores.halfLargestMicros() / stretch(settings)));
      }
      Evidence evidence = check.evidence(replayed);
      String statement =
          String.format(
              Locale.ROOT,
              "%d output tokens, %d not the ones drawn on re-execution: largest margin %.4f"
                  + " (bound %.4f, %d above it), mean root margin %.5f%s; %.1f bits of freedom"
                  + " left to the prover",
              replayed,
              wrong,
              scores.largest(),
              boundMicros / 1e6,
              scores.extremes(boundMicros),
              scores.meanRootMicros() / 1e6,
              covered ? "" : " (not judged: settings or length were not calibrated)",
              freedomBits);
      Optional<Location> where =
          scores.largestAt() < 0 ? Optional.empty() : Location.ofToken(scores.largestAt());
      return new CheckResult.Measured(evidence, Reason.TOKEN_MISMATCH, where, statement);
    }
  }
}
