package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;

/**
 * One more execution of the receipt that exceeded last, by somebody who neither owns the node nor
 * sat in the committee that read it.
 *
 * @param node the node
 * @param receipt the receipt that exceeded last
 * @param executorOwner who ran it
 * @param exceeded whether the fixed threshold was exceeded
 */
public record FreshReexecution(
    String node, Digest32 receipt, String executorOwner, boolean exceeded) {}
