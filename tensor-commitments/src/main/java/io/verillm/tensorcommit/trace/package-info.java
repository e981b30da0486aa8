/**
 * Tensor commitments in traces and receipts.
 *
 * <p>Start with {@link io.verillm.tensorcommit.trace.CommittingExecutor}, which a prover puts
 * around its model, and {@link io.verillm.tensorcommit.trace.CommittedRowCheck}, which a verifier
 * adds to its replay. A point in a trace binds the row beside it and a root in a receipt binds one
 * row of every position; neither proves that a model computed them.
 */
@NullMarked
package io.verillm.tensorcommit.trace;

import org.jspecify.annotations.NullMarked;
