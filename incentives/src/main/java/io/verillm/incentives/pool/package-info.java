/**
 * The one stake pool of Proof of Cache: who deposits what, and who gets it in each outcome.
 *
 * <p>Start with {@link io.verillm.incentives.pool.PublishedPool}, the payoff table as published
 * (preview v1, January 2025), exact and conserving, and {@link
 * io.verillm.incentives.pool.PublishedIncentives} for what is wrong with it. {@link
 * io.verillm.incentives.pool.HardenedPool} is the one to use: a quorum of a committee drawn at
 * once, most of a slashed stake burnt, rewards capped, decoys, and an end after K_max committees.
 *
 * <p>Published α and β are {@code userMultiplier} (a) and {@code stakeMultiplier} (b) here, because
 * α is a test level everywhere else.
 */
@NullMarked
package io.verillm.incentives.pool;

import org.jspecify.annotations.NullMarked;
