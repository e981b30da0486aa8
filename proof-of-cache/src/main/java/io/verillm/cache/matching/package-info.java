/**
 * How far opened cache rows are from the rows that a prefill gives, and what that says.
 *
 * <p>Start with {@link io.verillm.cache.matching.CacheCheck}, which reads a prefill that others
 * read too, then {@link io.verillm.cache.matching.CacheCalibration}, whose {@link
 * io.verillm.cache.matching.DrawnCells} name the rule by which its runs' cells were drawn. Source:
 * the relative error of a row and its calibration are this project's completion of TensorBlock,
 * Proof of Cache, preview v1 (2025), which publishes no metric.
 */
@NullMarked
package io.verillm.cache.matching;

import org.jspecify.annotations.NullMarked;
