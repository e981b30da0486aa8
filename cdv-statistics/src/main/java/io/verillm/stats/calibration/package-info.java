/**
 * Tolerance as data: what honest runs of one pair of classes look like, signed, and how a new
 * measurement compares with it.
 *
 * <p>Start with {@link io.verillm.stats.calibration.CalibrationProfile}; {@link
 * io.verillm.stats.calibration.CalibratedCheck} turns measurements into evidence. The unit is a
 * whole sequence: rows and tokens of one sequence depend on each other.
 */
@NullMarked
package io.verillm.stats.calibration;

import org.jspecify.annotations.NullMarked;
