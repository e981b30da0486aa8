/**
 * Payoff rules, peer prediction, slashing and equilibrium checks.
 *
 * <p>Start with {@code money}: everything that moves funds goes through a {@code Settlement} there.
 * Then {@code slashing} for what may take a stake and what may not, {@code pool} for the Proof of
 * Cache stake pool, {@code game} for the inequalities that tie detection rates to payments, {@code
 * peerprediction} for paying reports that nobody can check, {@code design} for finding a payoff
 * table, {@code equilibrium} for attacking one, and {@code simulation} for playing it.
 *
 * <p>Which test covers which numbered check of the specification is listed in the module's {@code
 * RESULTS.md}, with the simulated markets.
 *
 * <p>Nothing here proves that participants are rational, only what a rational one would gain.
 */
@NullMarked
package io.verillm.incentives;

import org.jspecify.annotations.NullMarked;
