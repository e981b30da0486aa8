/**
 * Money as whole micro-units that cannot appear or vanish.
 *
 * <p>Read in this order: {@link io.verillm.incentives.money.Micros} (an amount), {@link
 * io.verillm.incentives.money.Rational} (the exact arithmetic between amounts), {@link
 * io.verillm.incentives.money.Settlement} (a movement that cannot be built unless in equals out),
 * {@link io.verillm.incentives.money.Ledger} (balances), {@link
 * io.verillm.incentives.money.Journal} (the history from which the balances can be computed again).
 * Rounding is one rule: deposits up, payments down, the difference to the treasury.
 */
@NullMarked
package io.verillm.incentives.money;

import org.jspecify.annotations.NullMarked;
