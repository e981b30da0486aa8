/**
 * What a prover signs about one answer, and the chain that its receipts form.
 *
 * <p>Start with {@code Receipt}.
 */
@NullMarked
package io.verillm.core.receipt;

import org.jspecify.annotations.NullMarked;
