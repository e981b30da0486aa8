/**
 * What a verifier asks to see, drawn from randomness that nobody knew when the trace was committed,
 * and what the prover opens.
 *
 * <p>Start with {@link io.verillm.core.challenge.Challenge}, then {@link
 * io.verillm.core.challenge.ChallengePlan}.
 */
@NullMarked
package io.verillm.core.challenge;

import org.jspecify.annotations.NullMarked;
