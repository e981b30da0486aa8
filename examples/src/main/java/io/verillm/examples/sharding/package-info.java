/**
 * Sharded execution of the demo model: contiguous layer ranges on different nodes, a consensus per
 * range before the next one starts. Start with {@link
 * io.verillm.examples.sharding.ShardedInference}.
 */
@NullMarked
package io.verillm.examples.sharding;

import org.jspecify.annotations.NullMarked;
