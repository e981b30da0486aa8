/**
 * Commitments to tensors that open any entry, row, slice or block, and Terkle trees.
 *
 * <p>Start with {@link io.verillm.tensorcommit.TensorCommitmentScheme}: {@link
 * io.verillm.tensorcommit.MerkleTensors}, {@link io.verillm.tensorcommit.RowTensors} (KZG), {@link
 * io.verillm.tensorcommit.GridTensors} (multivariate, multilinear) and {@link
 * io.verillm.tensorcommit.TerkleTensors} over the two algebraic ones. A commitment binds elements
 * to places; it does not prove that a model computed them.
 *
 * <p>Source: TensorCommitments (arXiv 2602.12630), whose published code has defects that are not
 * repeated here: child digests can be inverted into commitments of choice, inner cells pass for
 * leaves, and no hash binds the statement.
 */
@NullMarked
package io.verillm.tensorcommit;

import org.jspecify.annotations.NullMarked;
