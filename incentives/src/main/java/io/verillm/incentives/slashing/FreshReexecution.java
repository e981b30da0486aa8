package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;

/**
 * One more execution of a receipt that no evidence rests on yet, by somebody who has not judged the
 * node.
 *
 * @param node the node
 * @param receipt the receipt that exceeded last
 * @param executorOwner who ran it
 * @param exceeded whether the fixed threshold was exceeded
 */
public record FreshReexecution(
    String node, Digest32 receipt, String executorOwner, boolean exceeded) {}
