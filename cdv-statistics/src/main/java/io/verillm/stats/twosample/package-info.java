/**
 * Classical two-sample, k-sample and goodness-of-fit tests with p-values P(statistic &ge;
 * observed), exact where the sample allows. Start with {@link
 * io.verillm.stats.twosample.KolmogorovSmirnov} and {@link
 * io.verillm.stats.twosample.EnergyDistance}.
 */
@NullMarked
package io.verillm.stats.twosample;

import org.jspecify.annotations.NullMarked;
