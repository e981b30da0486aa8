/**
 * One committed row seen three ways: by its Merkle path, by its algebraic commitments, by
 * re-execution. Start with {@link io.verillm.examples.commitment.ThreeStatements}.
 */
@NullMarked
package io.verillm.examples.commitment;

import org.jspecify.annotations.NullMarked;
