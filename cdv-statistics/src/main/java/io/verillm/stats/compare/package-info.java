/**
 * Comparison of two files of observations, one JSON object a line. Start with {@link
 * io.verillm.stats.compare.ObservationReader} and {@link
 * io.verillm.stats.compare.ObservationComparison}.
 */
@NullMarked
package io.verillm.stats.compare;

import org.jspecify.annotations.NullMarked;
