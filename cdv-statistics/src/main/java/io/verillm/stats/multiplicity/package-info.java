/**
 * Decisions over many nodes or many looks: family-wise, false discovery rate, e-values, online.
 * Start with {@link io.verillm.stats.multiplicity.EBenjaminiHochberg}.
 */
@NullMarked
package io.verillm.stats.multiplicity;

import org.jspecify.annotations.NullMarked;
