/**
 * Measures what committing and verifying cost beside generating. Start with {@link
 * io.verillm.exec.cost.CostMeasurement}; {@link io.verillm.exec.cost.RequestCost} says what the law
 * predicts.
 *
 * <p>These are timings of one machine at one time. They say nothing about what a verdict proves.
 */
@NullMarked
package io.verillm.exec.cost;

import org.jspecify.annotations.NullMarked;
