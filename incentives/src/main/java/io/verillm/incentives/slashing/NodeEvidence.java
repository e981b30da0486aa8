package io.verillm.incentives.slashing;

import java.util.Set;

/**
 * What has accumulated against one node.
 *
 * @param node the node
 * @param owner who owns it
 * @param exceedances audits above the threshold, unanswered challenges included
 * @param audits all audits, unanswered challenges included
 * @param logWealth ln of the node's e-value
 * @param judges owners of the committee whose reading was counted last
 */
public record NodeEvidence(
    String node,
    String owner,
    long exceedances,
    long audits,
    double logWealth,
    Set<String> judges) {
  /** Copies the owners. */
  public NodeEvidence {
    judges = Set.copyOf(judges);
  }

  /** Returns the e-value. */
  public double eValue() {
    return StrictMath.exp(logWealth);
  }
}
