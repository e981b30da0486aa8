/**
 * Commitment to a cache where it lies.
 *
 * <p>Start with {@link io.verillm.cache.commit.CommittedCache}: it is a trace of core whose rows
 * stay in the engine's memory.
 */
@NullMarked
package io.verillm.cache.commit;

import org.jspecify.annotations.NullMarked;
