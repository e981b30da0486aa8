/**
 * Cache evidence of a few bytes per token in place of whole rows.
 *
 * <p>Start with {@link io.verillm.cache.compact.EvidenceForm}, which a receipt names. {@link
 * io.verillm.cache.compact.SketchOpening} projects committed rows on directions that follow from a
 * challenge, and {@link io.verillm.cache.compact.SketchCheck} judges them beside the rows of spots
 * that a second challenge drew; {@link io.verillm.cache.compact.TopKPolynomial} commits to the
 * largest elements while the answer is written. Sources: Activation-DiFR (2025) for projections of
 * activations, TOPLOC (arXiv 2501.16007) for the polynomial.
 */
@NullMarked
package io.verillm.cache.compact;

import org.jspecify.annotations.NullMarked;
