/**
 * Which layers several verifiers re-execute when none can afford all of them.
 *
 * <p>Start with {@link io.verillm.tensorcommit.selection.LayerSelector}; {@link
 * io.verillm.tensorcommit.selection.WeightScores} rates layers by their weights. Source:
 * TensorCommitments (arXiv 2602.12630), whose selector is documented as optimal and is not: a
 * verifier too poor for any layer makes its result zero. A selection that follows from public
 * weights tells a prover which layers nobody looks at; {@code RESULTS.md} of the module shows what
 * that costs.
 */
@NullMarked
package io.verillm.tensorcommit.selection;

import org.jspecify.annotations.NullMarked;
