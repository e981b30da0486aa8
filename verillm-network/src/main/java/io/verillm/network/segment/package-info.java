/**
 * Segment-parallel verification: contiguous ranges of layers are checked independently of each
 * other, each from the committed states at its own lower boundary. Start at {@link
 * io.verillm.network.segment.SegmentParallelReplay}.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257v3), segment-parallel verification: with L segments and
 * committed boundary states the longest takes about 1/L of a prefill.
 */
@NullMarked
package io.verillm.network.segment;

import org.jspecify.annotations.NullMarked;
