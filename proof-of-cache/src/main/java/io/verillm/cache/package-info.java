/**
 * KV-cache layouts, cell sampling and matching.
 *
 * <p>Source: TensorBlock, Proof of Cache, preview v1 (January 2025). Start with {@code
 * io.verillm.cache.layout}, which reads caches where engines keep them.
 */
@NullMarked
package io.verillm.cache;

import org.jspecify.annotations.NullMarked;
