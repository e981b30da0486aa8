package io.verillm.stats.compare;

import io.verillm.stats.Interval;
import io.verillm.stats.TestResult;
import java.util.List;

/**
 * The comparison of two files of observations.
 *
 * <p>A difference is a difference of distributions, formatting included; it names no cause. No
 * evidence is not equality: look at the upper end of the interval.
 *
 * @param verdict the decision at the level
 * @param alpha that level
 * @param test the test that decided; for text the one on canonical text
 * @param rawText for text, the same test on raw text, else an empty list
 * @param effectName what {@code effect} measures, with its unit
 * @param effect overall effect size
 * @param interval stratified percentile bootstrap interval of the effect
 * @param prompts per-prompt effects, for prompts with two answers on both sides
 * @param nullDraws statistics of relabelled data, for a histogram
 * @param unmatchedPrompts prompts that only one file has; they were left out
 */
public record ComparisonReport(
    Decision verdict,
    double alpha,
    TestResult test,
    List<TestResult> rawText,
    String effectName,
    double effect,
    Interval interval,
    List<PromptEffect> prompts,
    List<Double> nullDraws,
    List<String> unmatchedPrompts) {
  /** What a comparison decides. */
  public enum Decision {
    /** The p-value is at most α. */
    DIFFERENT,
    /** The p-value is above α. */
    NO_EVIDENCE
  }

  /** Copies the lists. */
  public ComparisonReport {
    rawText = List.copyOf(rawText);
    prompts = List.copyOf(prompts);
    nullDraws = List.copyOf(nullDraws);
    unmatchedPrompts = List.copyOf(unmatchedPrompts);
  }

  /**
   * Returns the mean of the statistic over relabelled data: what an unchanged model would show on
   * average. An absolute difference or a distance is above zero by noise alone, so that this, not
   * zero, is what {@link #effect} and {@link #interval} have to be held against.
   */
  public double relabelledMean() {
    return nullDraws.stream().mapToDouble(draw -> draw).average().orElse(0);
  }
}
