package io.verillm.stats.compare;

import io.verillm.stats.Interval;

/**
 * The effect at one prompt, one row of a forest plot.
 *
 * @param prompt the prompt
 * @param first answers in the first file
 * @param second answers in the second file
 * @param effect the statistic of this prompt alone
 * @param interval percentile bootstrap interval, not adjusted for looking at many prompts
 */
public record PromptEffect(
    String prompt, int first, int second, double effect, Interval interval) {}
