package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays one kind of deviant among honest agents, several times, and reports who earned what.
 *
 * <p>The gains are made precise by control variates: the number of jobs that an agent was given and
 * the number of its cheated jobs that were audited enter the raw difference by pure chance, with an
 * expectation known exactly, and are taken out. The mean of the estimate is that of the raw
 * difference. For a rare cheater the audits are nearly all of the variance: a cheated job then
 * gains (saving − a·ρ·F) with a standard deviation of √(aρ(1−ρ))·F instead of √(aρ(1−aρ))·F, where
 * a is the audit rate, ρ the probability that an audit rejects and F the forfeit.
 *
 * <p>Deterministic: equal arguments give equal bits, on any platform. Stateless.
 */
public final class IncentiveSimulator {
  /** Most that one receipt adds to ln wealth: a factor of twenty, the warning level. */
  public static final double LOG_CAP = StrictMath.log(20);

  private IncentiveSimulator() {}

  /**
   * Simulates a market by the message-level model.
   *
   * @param config the rules, whether valid or not
   * @param deviants agents of {@code type}
   * @param size agents in all, more than a committee and two
   */
  public static SimulationReport simulate(
      MechanismConfig config, AgentType type, int deviants, int size, SimulationSettings settings) {
    return simulate(config, type, deviants, size, settings, new MessageLevelProtocol());
  }

  /** Simulates a market whose tasks run through {@code driver}. */
  public static SimulationReport simulate(
      MechanismConfig config,
      AgentType type,
      int deviants,
      int size,
      SimulationSettings settings,
      ProtocolDriver driver) {
    Require.that(
        size >= config.audits().committeeSize() + 3,
        "a committee, a prover and a stranger need more agents than " + size);
    AgentRoster agents = AgentRoster.of(type, deviants, size);
    int replications = settings.replications();
    double[] honest = new double[replications];
    double[] deviant = new double[replications];
    double[] gain = new double[replications];
    double[] beyondHonesty = new double[replications];
    double[] treasury = new double[replications];
    double deviantLost = 0;
    double honestLost = 0;
    List<StakePoint> stakes = new ArrayList<>();
    for (int replication = 0; replication < replications; replication++) {
      long seed = SeededRandom.mix(settings.seed() + replication);
      MarketRun run = new MarketRun(config, agents, settings, driver, seed);
      run.play();
      MarketRun baseline = new MarketRun(config, agents.allHonest(), settings, driver, seed);
      baseline.play();
      for (int agent = 0; agent < size; agent++) {
        if (agent < deviants) {
          deviant[replication] += run.utility(agent) / deviants;
          gain[replication] +=
              (run.utility(agent) + run.auditLuck(agent) - run.jobLuck(agent)) / deviants;
          beyondHonesty[replication] +=
              (run.utility(agent) + run.auditLuck(agent) - baseline.utility(agent)) / deviants;
          deviantLost += run.stakeLost(agent) / deviants / replications;
        } else {
          honest[replication] += run.utility(agent) / (size - deviants);
          gain[replication] -= (run.utility(agent) - run.jobLuck(agent)) / (size - deviants);
          honestLost += run.stakeLost(agent) / (size - deviants) / replications;
        }
      }
      treasury[replication] = run.treasury();
      if (replication == 0) {
        stakes = run.stakeOverTime();
      }
    }
    return new SimulationReport(
        type,
        deviants,
        size,
        Estimate.of(honest),
        Estimate.of(deviant),
        Estimate.of(gain),
        Estimate.of(beyondHonesty),
        deviantLost,
        honestLost,
        Estimate.of(treasury),
        stakes);
  }
}
