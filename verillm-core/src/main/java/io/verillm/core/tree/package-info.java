/**
 * Merkle trees as RFC 6962 and RFC 9162 define them: SHA-256, {@code 0x00} before leaves, {@code
 * 0x01} before nodes, a split at the largest power of two below the number of leaves, no node ever
 * duplicated.
 *
 * <p>Start with {@link io.verillm.core.tree.MerkleTree} (a prover's side) and {@link
 * io.verillm.core.tree.InclusionProof} (a verifier's). A root does not bind the number of leaves:
 * every verification takes the size from its caller, who has it from a signed head or from a
 * profile, and never from the proof. A tree binds bytes; it says nothing about where they came
 * from.
 */
@NullMarked
package io.verillm.core.tree;

import org.jspecify.annotations.NullMarked;
