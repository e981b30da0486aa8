/**
 * Permutation p-values: stratified, exact where the number of splits allows, add-one otherwise, the
 * same bits for any number of threads. Start with {@link
 * io.verillm.stats.permutation.PermutationTest}.
 */
@NullMarked
package io.verillm.stats.permutation;

import org.jspecify.annotations.NullMarked;
