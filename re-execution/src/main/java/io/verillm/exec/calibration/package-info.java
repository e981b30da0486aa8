/**
 * Honest runs and what they are measured for: the orders of a trial, the provers that answer them
 * in memory, and the calibration profile that follows.
 *
 * <p>Start with {@link io.verillm.exec.calibration.CalibrationRun}. Everything follows from seeds:
 * the same command gives the same bits.
 */
@NullMarked
package io.verillm.exec.calibration;

import org.jspecify.annotations.NullMarked;
