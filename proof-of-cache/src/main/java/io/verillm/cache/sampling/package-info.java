/**
 * Which cells of a cache are looked at.
 *
 * <p>Start with {@link io.verillm.cache.sampling.SamplingPlan}, which says before any work what a
 * plan costs and what it would miss, then {@link io.verillm.cache.sampling.CellSampler}. A cell is
 * the keys and values of one position in one layer. Sources: TensorBlock, Proof of Cache, preview
 * v1 (2025), for the published sampler; the draw itself is {@link
 * io.verillm.core.challenge.CellRule}.
 */
@NullMarked
package io.verillm.cache.sampling;

import org.jspecify.annotations.NullMarked;
