package io.verillm.incentives.equilibrium;

import io.verillm.incentives.peerprediction.Channel;

/**
 * What the search found. Gains are per task and net of effort.
 *
 * @param game the game's name
 * @param truth what truth earns against truth
 * @param bestDeviation the best strategy other than truth, against a truthful peer
 * @param deviationGain what it gains over truth; negative if truth is strictly best
 * @param bestProfile the best strategy other than truth when both use it
 * @param profileGain what each gains by it over both being truthful
 * @param bestUninformedProfileGain the same among strategies that ignore the task
 * @param relabellingGain the best gain when both use the same relabelling other than the identity
 * @param coinPairGain what each of two agents gains by ignoring the task and sharing a private coin
 * @param strategiesTried how many strategies were compared
 */
public record EquilibriumReport(
    String game,
    double truth,
    Channel bestDeviation,
    double deviationGain,
    Channel bestProfile,
    double profileGain,
    double bestUninformedProfileGain,
    double relabellingGain,
    double coinPairGain,
    int strategiesTried) {
  private static final double TOLERANCE = 1e-9;

  /** Says whether no strategy tried gains against a truthful peer. */
  public boolean isTruthEquilibrium() {
    return deviationGain <= TOLERANCE;
  }

  /** Says whether every strategy tried loses against a truthful peer. */
  public boolean isTruthStrict() {
    return deviationGain < -TOLERANCE;
  }

  /** Says whether no strategy that both use earns more than truth. */
  public boolean isTruthFocal() {
    return profileGain <= TOLERANCE;
  }

  /** Says whether two agents with a private coin gain nothing. */
  public boolean isCoinProof() {
    return coinPairGain <= TOLERANCE;
  }
}
