/**
 * The study of what a verifier sees of provers that deviate in their KV cache or their tokens.
 *
 * <p>Start with {@link io.verillm.testkit.cache.CacheStudy}; {@link
 * io.verillm.testkit.cache.CacheProvers} lists who is studied. Results stand in {@code
 * proof-of-cache/RESULTS.md}. Source of the attacks: the attack table of the completed protocol;
 * the published one (TensorBlock, Proof of Cache, preview v1, 2025) studies none.
 */
@NullMarked
package io.verillm.testkit.cache;

import org.jspecify.annotations.NullMarked;
