/**
 * Consensus-based Distribution Verification (CDV) as a composition: observation → summary →
 * comparison → calibration → sequential monitor → multiplicity → verdict → consensus round; beside
 * it selective random verification and sharded execution. Source: Nesa's CDV page and arXiv
 * 2407.19401, which publish no formula; the rules here are the corrected form. Start with {@link
 * io.verillm.stats.cdv.CdvPipeline} and {@link io.verillm.stats.cdv.CdvSimulation}.
 */
@NullMarked
package io.verillm.stats.cdv;

import org.jspecify.annotations.NullMarked;
