/**
 * Gaia's statistical verification (arXiv 2504.13443), corrected: stratified energy test of a node
 * against the other nodes, exceedances into an e-process, e-BH over nodes; the published ratio
 * beside it. Start with {@link io.verillm.stats.gaia.GaiaRound}.
 */
@NullMarked
package io.verillm.stats.gaia;

import org.jspecify.annotations.NullMarked;
