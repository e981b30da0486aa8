package io.verillm.stats.cdv;

import java.util.List;

/**
 * The verdicts of one epoch.
 *
 * @param epoch number of the epoch, from 0
 * @param reference what nodes were compared with
 * @param threshold distance above which a node was flagged
 * @param consensusReliable false if a trusted reference shows that the peers' centre itself
 *     deviates: then a comparison with peers would accuse the honest nodes
 * @param recomputation what it takes to repeat the epoch
 * @param nodes one report per compared node, in input order
 */
public record EpochReport(
    long epoch,
    Reference reference,
    double threshold,
    boolean consensusReliable,
    Recomputation recomputation,
    List<NodeReport> nodes) {
  /** Copies the list. */
  public EpochReport {
    nodes = List.copyOf(nodes);
  }
}
