/**
 * KV-cache layouts, cell sampling and matching.
 *
 * <p>Source: TensorBlock, Proof of Cache, preview v1 (January 2025). It holds no layout yet.
 */
@NullMarked
package io.verillm.cache;

import org.jspecify.annotations.NullMarked;
