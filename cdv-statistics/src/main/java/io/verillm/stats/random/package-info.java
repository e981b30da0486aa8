/**
 * The one pseudo-random generator of this module, given by its recurrence so that any language can
 * replay it; start with {@link io.verillm.stats.random.SplitMix64}.
 */
@NullMarked
package io.verillm.stats.random;

import org.jspecify.annotations.NullMarked;
