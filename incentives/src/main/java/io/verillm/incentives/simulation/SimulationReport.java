package io.verillm.incentives.simulation;

import java.util.List;

/**
 * What one kind of deviant earned among honest agents. Utilities are net of real costs, in
 * micro-units per agent and thousand tasks of the market, changes of stake included.
 *
 * @param type the deviants
 * @param deviants how many
 * @param size how many agents in all
 * @param honest what honest agents of the same market earned
 * @param deviant what deviants earned
 * @param gainOverHonest deviant less honest, replication by replication, the luck of the draw of
 *     jobs and audits taken out
 * @param gainOverAllHonest what the same agents earned beyond a market in which all are honest,
 *     same seeds, the luck of the draw of audits taken out
 * @param deviantStakeLost share of the deviants' stake that was taken
 * @param honestStakeLost share of the honest agents' stake that was taken, all of it wrongly
 * @param treasury what the treasury gained per thousand tasks
 * @param stakeOverTime stakes along the first replication
 */
public record SimulationReport(
    AgentType type,
    int deviants,
    int size,
    Estimate honest,
    Estimate deviant,
    Estimate gainOverHonest,
    Estimate gainOverAllHonest,
    double deviantStakeLost,
    double honestStakeLost,
    Estimate treasury,
    List<StakePoint> stakeOverTime) {
  /** Copies the list. */
  public SimulationReport {
    stakeOverTime = List.copyOf(stakeOverTime);
  }

  /**
   * Says whether deviating lost by more than two standard errors against having been honest: the
   * same agents, jobs and seats, replication by replication.
   */
  public boolean deviationLoses() {
    return gainOverAllHonest.high() < 0;
  }

  /** Says whether honest agents of the same market earned more by more than two standard errors. */
  public boolean honestEarnsMore() {
    return gainOverHonest.high() < 0;
  }
}
