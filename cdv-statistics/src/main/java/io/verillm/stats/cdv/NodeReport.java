package io.verillm.stats.cdv;

import io.verillm.stats.sequential.EvidenceLevel;

/**
 * What is known about one node after an epoch.
 *
 * <p>Statistical only: it accuses nobody by itself.
 *
 * @param node identifier
 * @param distance distance of this epoch
 * @param flagged whether it exceeded the threshold
 * @param logE ln of the accumulated evidence
 * @param level band of that evidence
 * @param selected whether e-BH over all nodes selects the node
 */
public record NodeReport(
    String node,
    double distance,
    boolean flagged,
    double logE,
    EvidenceLevel level,
    boolean selected) {}
