/**
 * Attacks a payment rule: what an agent, everybody, or two agents with a private coin gain by not
 * telling the truth.
 *
 * <p>Start with {@link io.verillm.incentives.equilibrium.EquilibriumChecker}. It searches
 * deterministic strategies, a grid of mixed ones, relabellings and coin-sharing pairs; a deviation
 * outside that search is not excluded.
 */
@NullMarked
package io.verillm.incentives.equilibrium;

import org.jspecify.annotations.NullMarked;
