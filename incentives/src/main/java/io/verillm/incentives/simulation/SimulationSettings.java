package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.slashing.ExceedanceWealth;
import io.verillm.incentives.slashing.SlashingLadder;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import java.util.function.DoubleFunction;

/**
 * How long and how often to play.
 *
 * @param tasks tasks per replication, decoys included
 * @param replications independent repetitions, at least 2
 * @param seed equal seeds give equal results, bit for bit
 * @param ladder the slashing ladder
 * @param wealth how exceedances become evidence, given the bound on the honest rate; {@code p0 ->
 *     OneSidedBetaMixture.uniform(p0)::logE} of the statistics module
 */
public record SimulationSettings(
    int tasks,
    int replications,
    long seed,
    SlashingLadder ladder,
    DoubleFunction<ExceedanceWealth> wealth) {
  /** Checks the counts. */
  public SimulationSettings {
    Require.atLeast(tasks, 1, "tasks");
    Require.atLeast(replications, 2, "replications");
  }

  /**
   * Returns settings with the default ladder, e-BH at a false discovery rate of five percent, and
   * the one-sided uniform mixture.
   */
  public static SimulationSettings withDefaults(int tasks, int replications, long seed) {
    return new SimulationSettings(
        tasks,
        replications,
        seed,
        SlashingLadder.withDefaults(0.05),
        p0 -> OneSidedBetaMixture.uniform(p0)::logE);
  }
}
