/**
 * Tests, sequential evidence and calibration for comparing what nodes answered.
 *
 * <p>The module joins Nesa's Consensus-based Distribution Verification (CDV) and Gaia's statistical
 * verification in corrected form. It holds no test yet.
 */
@NullMarked
package io.verillm.stats;

import org.jspecify.annotations.NullMarked;
