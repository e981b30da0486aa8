/**
 * Algebraic commitments to tensors and Terkle trees.
 *
 * <p>Source: TensorCommitments (arXiv 2602.12630). It holds no scheme yet.
 */
@NullMarked
package io.verillm.tensorcommit;

import org.jspecify.annotations.NullMarked;
