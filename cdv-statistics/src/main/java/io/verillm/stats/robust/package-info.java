/**
 * Moments, robust location and scale, conformal thresholds, exact binomial and order-statistic
 * bounds. Start with {@link io.verillm.stats.robust.Moments} and {@link
 * io.verillm.stats.robust.SplitConformal}.
 */
@NullMarked
package io.verillm.stats.robust;

import org.jspecify.annotations.NullMarked;
