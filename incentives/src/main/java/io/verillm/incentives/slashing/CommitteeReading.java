package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a committee measured on one receipt of one node.
 *
 * @param node the audited node
 * @param nodeOwner who owns it
 * @param receipt digest of the receipt
 * @param acknowledgedRound beacon round of the acknowledgement
 * @param drawnRound beacon round from which the committee was drawn; at least two later
 * @param members at least three, of different owners, none of them the node's
 */
public record CommitteeReading(
    String node,
    String nodeOwner,
    Digest32 receipt,
    long acknowledgedRound,
    long drawnRound,
    List<Member> members) {
  /** Fewest members whose lower median counts. */
  public static final int FEWEST_MEMBERS = 3;

  /**
   * One member's reading.
   *
   * @param owner who owns the member
   * @param exceeded whether its statistic exceeded the fixed threshold
   */
  public record Member(String owner, boolean exceeded) {}

  /** Checks the committee. */
  public CommitteeReading {
    members = List.copyOf(members);
    Require.atLeast(members.size(), FEWEST_MEMBERS, "committee members");
    Require.that(
        acknowledgedRound >= 0 && drawnRound - acknowledgedRound >= 2,
        "the committee must be drawn at least two rounds after the acknowledgement");
    Set<String> owners = new HashSet<>();
    for (Member member : members) {
      Require.that(owners.add(member.owner()), member.owner() + " sits twice in the committee");
    }
    Require.that(!owners.contains(nodeOwner), "a node's owner cannot judge it");
  }

  /**
   * Returns the lower median of the members' readings: true only if more than half of them
   * exceeded.
   */
  public boolean exceeded() {
    long count = members.stream().filter(Member::exceeded).count();
    return 2 * count > members.size();
  }
}
