/**
 * Consensus-based Distribution Verification (CDV) as a composition: distance to a reference,
 * calibrated exceedance, e-process per node, e-BH over nodes, weighted vote. Source: Nesa's CDV
 * page and arXiv 2407.19401, which publish no formula; the rules here are the corrected form. Start
 * with {@link io.verillm.stats.cdv.CdvPipeline} and {@link io.verillm.stats.cdv.CdvSimulation}.
 */
@NullMarked
package io.verillm.stats.cdv;

import org.jspecify.annotations.NullMarked;
