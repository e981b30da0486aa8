/**
 * Payoff rules, peer prediction, slashing and equilibrium checks.
 *
 * <p>It holds no rule yet.
 */
@NullMarked
package io.verillm.incentives;

import org.jspecify.annotations.NullMarked;
