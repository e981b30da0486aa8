/**
 * Making a verifier prove that it ran the model: it gets opened rows without their ids, shuffled
 * among decoys, and has to say which cell each one is.
 *
 * <p>Start with {@link io.verillm.cache.proving.WorkChallenge}, which the client makes, then {@link
 * io.verillm.cache.proving.CellSearch}, with which the verifier answers. Source: TensorBlock, Proof
 * of Cache, preview v1 (2025), figure 2b, where the search is drawn and its evidence is not worked
 * out.
 */
@NullMarked
package io.verillm.cache.proving;

import org.jspecify.annotations.NullMarked;
