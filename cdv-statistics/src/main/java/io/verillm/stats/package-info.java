/**
 * Tests, sequential evidence and multiplicity control for comparing what nodes answered.
 *
 * <p>The module joins Nesa's Consensus-based Distribution Verification (CDV) and Gaia's statistical
 * verification in corrected form; the published rules stay available under their own names for
 * comparison. Start with {@link io.verillm.stats.TestResult}, then {@code twosample} and {@code
 * language} for single tests, {@code sequential} for evidence that may be looked at any time,
 * {@code panel} for several tests at once, {@code cdv} and {@code gaia} for the two pipelines, and
 * {@code compare} for two files of observations.
 *
 * <p>Which test covers which numbered check of the specification is listed in the module's {@code
 * RESULTS.md}, with what the long suites measured.
 */
@NullMarked
package io.verillm.stats;

import org.jspecify.annotations.NullMarked;
