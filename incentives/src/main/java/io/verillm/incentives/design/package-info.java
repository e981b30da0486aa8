/**
 * Finds the cheapest payments that make honesty pay, or says which requirement cannot be met.
 *
 * <p>Start with {@link io.verillm.incentives.design.PayoffDesigner}: a linear program over a payoff
 * table. {@link io.verillm.incentives.design.PayoffLandscape} is the data of a picture: what
 * cheating gains over cheat probability and audit rate, with the line where it gains nothing.
 */
@NullMarked
package io.verillm.incentives.design;

import org.jspecify.annotations.NullMarked;
