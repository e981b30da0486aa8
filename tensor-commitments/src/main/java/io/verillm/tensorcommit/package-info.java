/**
 * Algebraic commitments to tensors and Terkle trees.
 *
 * <p>Source: TensorCommitments (arXiv 2602.12630). Start with {@link
 * io.verillm.tensorcommit.vector.KzgSetup}.
 */
@NullMarked
package io.verillm.tensorcommit;

import org.jspecify.annotations.NullMarked;
