/**
 * What may take a stake and what may not.
 *
 * <p>Two kinds of truth. An objective fault is proven by messages that carry the accused's own
 * signature: {@link io.verillm.incentives.slashing.ProvenFault} exists only after a checker
 * verified it, and only it leads to a full slash. A statistical deviation only accumulates: {@link
 * io.verillm.incentives.slashing.EvidenceBook} turns committee readings into a wealth per node,
 * {@link io.verillm.incentives.slashing.SlashingLadder} acts on it after a rule over all nodes, and
 * the slash step waits for a fresh re-execution by another owner. {@link
 * io.verillm.incentives.slashing.SlashOrder} has no other source, so no caller can slash on a
 * single flag.
 *
 * <p>{@link io.verillm.incentives.slashing.JobEscrow} pays a job after its verdict and never
 * before.
 */
@NullMarked
package io.verillm.incentives.slashing;

import org.jspecify.annotations.NullMarked;
