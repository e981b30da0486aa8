package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The agents of a run, by number. Immutable. */
public final class AgentRoster {
  private final List<AgentType> types;
  private final List<AgentStrategy> strategies;

  private AgentRoster(List<AgentType> types) {
    this.types = List.copyOf(types);
    this.strategies = types.stream().map(AgentStrategy::of).toList();
  }

  /**
   * Returns {@code deviants} agents of one type, numbered first, among honest ones.
   *
   * @param size agents in all, at least 8
   */
  public static AgentRoster of(AgentType type, int deviants, int size) {
    Require.atLeast(size, 8, "size");
    Require.that(deviants >= 1 && deviants < size, "some agents deviate and some are honest");
    List<AgentType> types = new ArrayList<>(Collections.nCopies(deviants, type));
    types.addAll(Collections.nCopies(size - deviants, AgentType.HONEST));
    return new AgentRoster(types);
  }

  /** Returns the roster of the same size with honest agents only. */
  public AgentRoster allHonest() {
    return new AgentRoster(Collections.nCopies(types.size(), AgentType.HONEST));
  }

  /** Returns how many agents there are. */
  public int size() {
    return types.size();
  }

  /** Returns an agent's type. */
  public AgentType type(int agent) {
    return types.get(agent);
  }

  /** Returns an agent's strategy. */
  public AgentStrategy strategy(int agent) {
    return strategies.get(agent);
  }

  /** Says whether two agents act together. */
  public boolean areAllies(int one, int other) {
    return types.get(one) == types.get(other) && types.get(one).isAllied();
  }
}
