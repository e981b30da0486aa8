/** Costs of the network's own steps; figures in {@code verillm-network/RESULTS.md}. */
@NullMarked
package io.verillm.benchmarks.network;

import org.jspecify.annotations.NullMarked;
