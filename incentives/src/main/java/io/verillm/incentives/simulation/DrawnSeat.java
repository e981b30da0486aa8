package io.verillm.incentives.simulation;

/**
 * A seat that an agent was drawn into, for drivers. Looking shows a deviation with the power of the
 * test where there is one and with its false-positive rate where there is none. Belongs to one
 * thread.
 */
public final class DrawnSeat implements SeatView {
  private final AuditTerms audits;
  private final AgentRoster agents;
  private final int member;
  private final int prover;
  private final boolean bad;
  private final long coinSeed;
  private final SeededRandom random;
  private boolean looked;

  /**
   * Seats an agent.
   *
   * @param member number of the agent
   * @param prover number of the prover; −1 for decoys
   * @param bad whether the task is a deviation
   * @param coinSeed equal for all seats of a task
   * @param random the agent's own chance
   */
  public DrawnSeat(
      AuditTerms audits,
      AgentRoster agents,
      int member,
      int prover,
      boolean bad,
      long coinSeed,
      SeededRandom random) {
    this.audits = audits;
    this.agents = agents;
    this.member = member;
    this.prover = prover;
    this.bad = bad;
    this.coinSeed = coinSeed;
    this.random = random;
  }

  /** Lets the agent report as its strategy says. */
  public Report report() {
    return agents.strategy(member).report(this);
  }

  /** Says whether the agent looked so far. */
  public boolean looked() {
    return looked;
  }

  @Override
  public Report look() {
    looked = true;
    return random.happens(bad ? audits.power() : audits.falsePositive()) ? Report.FLAG : Report.OK;
  }

  @Override
  public boolean proverIsAlly() {
    return prover >= 0 && agents.areAllies(member, prover);
  }

  @Override
  public boolean allianceCoin() {
    return (SeededRandom.mix(coinSeed) & 1) == 0;
  }

  @Override
  public SeededRandom random() {
    return random;
  }
}
