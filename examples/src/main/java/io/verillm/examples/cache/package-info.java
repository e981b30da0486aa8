/**
 * Verifying an engine's KV cache from a file in the engine's own layout. Start with {@link
 * io.verillm.examples.cache.VllmCacheFile}.
 */
@NullMarked
package io.verillm.examples.cache;

import org.jspecify.annotations.NullMarked;
