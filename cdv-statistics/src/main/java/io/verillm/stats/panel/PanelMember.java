package io.verillm.stats.panel;

import io.verillm.stats.TestResult;

/**
 * One test of a panel.
 *
 * @param result what the test said
 * @param eValue its calibrated e-value; single members decide nothing
 */
public record PanelMember(TestResult result, double eValue) {}
