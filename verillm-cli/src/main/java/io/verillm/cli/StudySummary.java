package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.stats.Interval;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.testkit.study.StudyProver;
import io.verillm.testkit.study.StudyRun;
import java.util.List;
import java.util.Locale;

/**
 * One prover's row of the study.
 *
 * @param tokens output tokens of a request
 * @param detected rejected requests; inconclusive ones count as missed
 * @param borderline requests left undecided by their evidence
 * @param byActivations requests that the activation check alone would reject
 * @param byTokens requests that the token check alone would reject
 * @param publishedRejects requests that the published thresholds reject
 * @param publishedJudged requests that they were computed for
 */
record StudySummary(
    StudyProver.Kind kind,
    int tokens,
    int requests,
    int detected,
    int accepted,
    int borderline,
    int byActivations,
    int byTokens,
    int publishedRejects,
    int publishedJudged) {
  private static final double SLOTS = 3;

  static StudySummary of(StudyProver.Kind kind, int tokens, List<StudyRun.Judged> judged) {
    return new StudySummary(
        kind,
        tokens,
        judged.size(),
        count(judged, StudyRun.Judged::detected),
        count(judged, one -> one.verdict().equals("ACCEPTED")),
        count(judged, one -> one.reason().equals("BORDERLINE")),
        count(judged, one -> rejects(one.activations())),
        count(judged, one -> rejects(one.tokens())),
        count(judged, one -> one.published() == StudyRun.Published.REJECTS),
        count(judged, one -> one.published() != StudyRun.Published.NOT_COMPARED));
  }

  /** Whether a check's own e-value lifts the mean over all slots to the level. */
  static boolean rejects(double eValue) {
    return eValue * Study.ALPHA / SLOTS >= 1 - 1e-12;
  }

  private static int count(
      List<StudyRun.Judged> judged, java.util.function.Predicate<StudyRun.Judged> which) {
    return (int) judged.stream().filter(which).count();
  }

  Interval rate() {
    return ClopperPearson.interval(detected, requests, 0.95);
  }

  /** Requests until one of them is rejected with probability 0.99, times tokens; −1 for never. */
  int tokensTo99() {
    if (detected == 0) {
      return -1;
    }
    double rate = (double) detected / requests;
    return rate >= 0.99 ? tokens : tokens * (int) Math.ceil(Math.log(0.01) / Math.log1p(-rate));
  }

  /** One row as the study's JSON has it. */
  ObjectNode json() {
    return kind == StudyProver.Kind.HONEST ? honest() : deviation();
  }

  private ObjectNode honest() {
    return Json.object()
        .put("name", kind.id())
        .put("requests", requests)
        .put("falseRejects", detected)
        .put("falseRejectUpper95", ClopperPearson.upperBound(detected, requests, 0.95))
        .put("accepted", accepted)
        .put("acceptedShare", (double) accepted / requests)
        .put("borderline", borderline)
        .put("publishedRejects", publishedRejects);
  }

  private ObjectNode deviation() {
    return Json.object()
        .put("name", kind.id())
        .put("description", kind.description())
        .put("requests", requests)
        .put("detected", detected)
        .put("rate", (double) detected / requests)
        .put("rateLow", rate().lower())
        .put("rateHigh", rate().upper())
        .put("tokensTo99", tokensTo99())
        .put("within128Promised", kind.promised())
        .put("accepted", accepted)
        .put("borderline", borderline)
        .put("byActivations", byActivations)
        .put("byTokens", byTokens)
        .put("publishedRejects", publishedRejects)
        .put("publishedJudged", publishedJudged);
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-22s %5d requests, rejected %5d (%.3f..%.3f), borderline %d, accepted %d;"
            + " by activations %d, by tokens %d; published thresholds reject %d; tokens to 99 %%: %s",
        kind.id(),
        requests,
        detected,
        rate().lower(),
        rate().upper(),
        borderline,
        accepted,
        byActivations,
        byTokens,
        publishedRejects,
        tokensTo99() < 0 ? "never" : String.valueOf(tokensTo99()));
  }
}
