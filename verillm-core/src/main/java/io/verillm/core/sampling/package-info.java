/**
 * The sampler as part of the claim: keyed noise, the rule that draws a token, and the margin by
 * which a claimed token misses it.
 *
 * <p>Start with {@link io.verillm.core.sampling.TokenSampler}. Prover and verifier run the same
 * pure functions; the verifier's logits come from its own prefill and differ a little, which is
 * what the margin measures. Sources: Gumbel-max sampling with a shared seed as in Token-DiFR;
 * Philox4x32-10 from Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
 * (SC 2011).
 */
@NullMarked
package io.verillm.core.sampling;

import org.jspecify.annotations.NullMarked;
