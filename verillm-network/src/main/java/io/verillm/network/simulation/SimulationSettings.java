package io.verillm.network.simulation;

import java.util.List;

/**
 * The size of a simulated network.
 *
 * @param workers number of nodes, each with an owner of its own; enough for both committees
 * @param jobs number of jobs, at least 1
 * @param seed equal seeds give equal runs
 * @param attackers kinds of the nodes that are not honest, one entry per node
 * @param committee seats of the first committee, odd
 * @param secondCommittee seats of the second, odd and larger
 * @param clientChecks share of the accepted answers that clients compute again themselves
 * @param noise whether messages are also delivered twice, late and to the wrong job
 */
public record SimulationSettings(
    int workers,
    int jobs,
    long seed,
    List<NodeKind> attackers,
    int committee,
    int secondCommittee,
    double clientChecks,
    boolean noise) {
  /** Checks the sizes. */
  public SimulationSettings {
    attackers = List.copyOf(attackers);
    int needed = committee + secondCommittee + 1;
    if (workers < needed || workers > 100_000) {
      throw new IllegalArgumentException(
          workers
              + " workers; a prover and committees of "
              + committee
              + " and "
              + secondCommittee
              + " need at least "
              + needed);
    }
    if (jobs < 1 || jobs > 10_000_000) {
      throw new IllegalArgumentException(jobs + " jobs");
    }
    if (attackers.size() > workers || attackers.contains(NodeKind.HONEST)) {
      throw new IllegalArgumentException(
          attackers.size() + " attackers among " + workers + " workers; honest is no attacker");
    }
    if (!(clientChecks >= 0 && clientChecks <= 1)) {
      throw new IllegalArgumentException("clients check a share of " + clientChecks);
    }
  }
}
