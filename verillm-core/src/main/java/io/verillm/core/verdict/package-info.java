/**
 * From files to a verdict: the policy, the checks, what was found, and what follows.
 *
 * <p>Start with {@link io.verillm.core.verdict.ReceiptVerifier}, which walks the checks from the
 * cheapest to the dearest; then {@link io.verillm.core.verdict.Verdict}. An exception here means
 * that nothing could be decided.
 */
@NullMarked
package io.verillm.core.verdict;

import org.jspecify.annotations.NullMarked;
