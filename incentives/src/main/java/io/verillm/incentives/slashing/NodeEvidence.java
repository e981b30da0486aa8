package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;
import java.util.Optional;
import java.util.Set;

/**
 * What has accumulated against one node.
 *
 * @param node the node
 * @param owner who owns it
 * @param exceedances audits above the threshold, unanswered challenges included
 * @param audits all audits, unanswered challenges included
 * @param logWealth ln of the node's e-value
 * @param lastExceedance the last receipt that exceeded; empty if none did or only silence counted
 * @param judges owners of the committee that read it
 */
public record NodeEvidence(
    String node,
    String owner,
    long exceedances,
    long audits,
    double logWealth,
    Optional<Digest32> lastExceedance,
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
