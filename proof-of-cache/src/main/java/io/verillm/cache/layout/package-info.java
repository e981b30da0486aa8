/**
 * KV caches where serving engines hold them, read in place.
 *
 * <p>Start with {@link io.verillm.cache.layout.KvCache}, the reader; {@link
 * io.verillm.cache.layout.KvLayout} is the descriptor that an engine states, and {@link
 * io.verillm.cache.layout.KvLayouts} makes it for engines with a known arrangement. The file form
 * is {@code docs/kv-cache-file.md}. Words: a <em>position</em> counts tokens of one sequence, a
 * <em>block</em> holds {@code blockSize} of them (a page; a slot if it holds one), a <em>pool</em>
 * is a run of memory with one set of strides.
 */
@NullMarked
package io.verillm.cache.layout;

import org.jspecify.annotations.NullMarked;
