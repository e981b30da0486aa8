/**
 * Evidence per node across receipts, and the settlement of an epoch.
 *
 * <p>Start with {@link io.verillm.network.evidence.EvidenceFold}: {@code fold} takes committee
 * readings, proven silences, proven faults and fresh re-executions; {@code close} says what moves,
 * why, and who has to re-execute what next. {@link io.verillm.network.evidence.EvidenceState} is a
 * value with canonical bytes. The evidence itself is {@code incentives.slashing}'s, its e-process
 * {@code stats.sequential}'s; here both become pure, ordered by epochs, and bound to the draw of
 * executors.
 */
@NullMarked
package io.verillm.network.evidence;

import org.jspecify.annotations.NullMarked;
