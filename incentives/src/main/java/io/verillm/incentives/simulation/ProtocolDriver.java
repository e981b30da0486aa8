package io.verillm.incentives.simulation;

/**
 * Runs one task among agents and says what happened; the seam where the real protocol state
 * machines replace the model: {@code FlowBProtocol} in {@code verillm-network}.
 *
 * <p>Two things the estimates rely on: provers are drawn evenly, and a job is audited with the
 * configured rate whatever its prover does and is.
 */
public interface ProtocolDriver {
  /**
   * Runs a task.
   *
   * @param config the rules
   * @param agents who takes part, by number
   * @param progress share of the run that has passed, in [0, 1)
   * @param random the run's randomness, the only source of chance
   */
  TaskOutcome run(MechanismConfig config, AgentRoster agents, double progress, SeededRandom random);

  /**
   * Lets one more agent execute an audited job again and returns its report.
   *
   * @param executor number of the agent, neither the prover nor a member of the job's committee
   */
  Report reexecute(
      MechanismConfig config,
      AgentRoster agents,
      int executor,
      TaskOutcome job,
      SeededRandom random);
}
