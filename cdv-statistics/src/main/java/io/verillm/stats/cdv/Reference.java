package io.verillm.stats.cdv;

/** Against what nodes are compared, best first. */
public enum Reference {
  /** A local run of the promised model. */
  TRUSTED_LOCAL,
  /** A frozen sample from trusted runs. */
  FROZEN_ANCHOR,
  /**
   * The other nodes. Sound only while more than half of the nodes of the stratum are honest: that
   * is the breakdown point of the median, and a colluding majority makes honest nodes the outliers.
   */
  PEER_CONSENSUS
}
