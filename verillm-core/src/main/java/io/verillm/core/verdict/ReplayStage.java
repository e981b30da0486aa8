package io.verillm.core.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The dear part, and the last word: re-execution, coverage, acceptance. */
final class ReplayStage {
  private final CaseFile file;
  private final Optional<ReplayCheck> replayCheck;

  ReplayStage(CaseFile file, Optional<ReplayCheck> replayCheck) {
    this.file = file;
    this.replayCheck = replayCheck;
  }

  Optional<Verdict> coverage() {
    for (var demand : file.policy().largestMiss().entrySet()) {
      double miss = file.coverage().missProbability().getOrDefault(demand.getKey(), 1.0);
      if (!(miss <= demand.getValue())) {
        return file.inconclusive(
            CheckName.OPENING,
            Shortfall.COVERAGE,
            "the opened rows miss "
                + demand.getKey()
                + " with probability "
                + miss
                + ", the policy allows "
                + demand.getValue()
                + (file.shown().isPresent()
                    ? "; of sketched rows only the spots are opened: draw more of them, or ask for"
                        + " whole rows"
                    : ""));
      }
    }
    return Optional.empty();
  }

  Optional<Verdict> replay() {
    if (replayCheck.isEmpty()) {
      return Optional.empty();
    }
    ReplayCheck check = replayCheck.get();
    if (!check.modelDigest().equals(file.order().model())) {
      return file.abstained(
          CheckName.ACTIVATIONS,
          Cause.MODEL_UNAVAILABLE,
          "the executor holds model "
              + check.modelDigest().shortHex()
              + ", ordered was "
              + file.order().model().shortHex());
    }
    ReplayCheck.Replay result;
    try {
      result =
          check.replay(
              new ReplaySubject(
                  file.order(),
                  file.receipt(),
                  file.opening().answer().output(),
                  file.seed(),
                  file.drawn(),
                  file.rows()));
    } catch (RuntimeException | OutOfMemoryError e) {
      // Our failure to compute is never the prover's fault.
      return file.abstained(
          CheckName.ACTIVATIONS, Cause.EXECUTION_FAILED, "re-execution failed: " + e);
    }
    file.establishReplay(result);
    // What is proven wrong outweighs evidence, and evidence what another check could not decide.
    for (CheckResult one : result.results()) {
      if (one instanceof CheckResult.Failed) {
        return file.conclude(one);
      }
    }
    List<CheckResult.Measured> measured = new ArrayList<>();
    List<CheckResult> open = new ArrayList<>();
    for (CheckResult one : result.results()) {
      if (one instanceof CheckResult.Measured evidence) {
        measured.add(evidence);
      } else if (one instanceof CheckResult.Held fine) {
        file.held(fine.check(), fine.statement());
      } else {
        open.add(one);
      }
    }
    return measured.isEmpty() ? file.undecided(open) : combined(measured, open);
  }

  /** Reads as: too much evidence rejects; then what is undecided; then too much to accept. */
  private Optional<Verdict> combined(List<CheckResult.Measured> measured, List<CheckResult> open) {
    CombinedEvidence evidence;
    try {
      evidence =
          new CombinedEvidence(
              measured.stream().map(CheckResult.Measured::evidence).toList(),
              file.policy().alpha(),
              file.policy().borderline());
    } catch (IllegalArgumentException e) {
      return file.abstained(CheckName.ACTIVATIONS, Cause.EXECUTION_FAILED, "no evidence: " + e);
    }
    file.establishEvidence(evidence);
    boolean decides = evidence.rejects() || (open.isEmpty() && evidence.isBorderline());
    CheckResult.Measured loudest = null;
    for (CheckResult.Measured one : measured) {
      if (decides && one.evidence().equals(evidence.loudest())) {
        loudest = one;
      } else {
        file.held(one.check(), one.statement());
      }
    }
    Optional<Verdict> undecided = file.undecided(open);
    if (loudest == null) {
      return undecided;
    }
    String statement = loudest.statement() + "; " + summary(evidence);
    return evidence.rejects()
        ? file.rejectedByEvidence(loudest.check(), loudest.reason(), loudest.location(), statement)
        : file.inconclusive(loudest.check(), Shortfall.BORDERLINE, statement);
  }

  private static String summary(CombinedEvidence evidence) {
    return String.format(
        Locale.ROOT,
        "combined evidence %.3g, from %.3g on it rejects, from %.3g on it is not accepted"
            + " (statistical, calibration %s)",
        evidence.eValue(),
        1 / evidence.alpha(),
        1 / evidence.borderline(),
        String.join(", ", evidence.calibrations()));
  }

  Verdict accept() {
    for (CheckName name : CheckName.values()) {
      if (file.policy().required().contains(name) && !file.hasHeld(name)) {
        return file.abstained(
                name,
                Cause.CHECK_UNAVAILABLE,
                "the policy requires the check "
                    + name
                    + ", which did not run; give the verifier "
                    + (name == CheckName.TEXT ? "a tokenizer" : "a model"))
            .orElseThrow();
      }
    }
    if (file.shown().isPresent() && !file.hasHeld(CheckName.CACHE)) {
      return file.abstained(
              CheckName.CACHE,
              Cause.CHECK_UNAVAILABLE,
              "sketches of cache rows were shown, and nothing here judges sketches")
          .orElseThrow();
    }
    if (file.coverage().tokensReplayed() != file.coverage().outputTokens()) {
      return file.inconclusive(
              CheckName.TOKENS,
              Shortfall.COVERAGE,
              "only "
                  + file.coverage().tokensReplayed()
                  + " of "
                  + file.coverage().outputTokens()
                  + " output tokens were replayed")
          .orElseThrow();
    }
    return file.accepted();
  }
}
