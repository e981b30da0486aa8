package io.verillm.exec.calibration;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.calibration.Conditions;
import java.util.List;

/**
 * The orders of a trial. Two trials with different seeds have no prompt in common but by chance.
 *
 * @param seed name of the trial, such as {@code calibration 1}
 * @param shortestPrompt fewest prompt tokens, at least 2
 * @param longestPrompt most prompt tokens
 * @param outputTokens tokens per answer; end tokens are held back until then
 * @param positions positions that a challenge opens
 * @param regimes sampling settings, used in turn
 * @param cells whether a challenge draws as many cells of a KV cache instead
 */
public record TrialPlan(
    String seed,
    int shortestPrompt,
    int longestPrompt,
    int outputTokens,
    int positions,
    List<Conditions.Regime> regimes,
    boolean cells) {
  /** A trial whose challenges open every layer. */
  public TrialPlan(
      String seed,
      int shortestPrompt,
      int longestPrompt,
      int outputTokens,
      int positions,
      List<Conditions.Regime> regimes) {
    this(seed, shortestPrompt, longestPrompt, outputTokens, positions, regimes, false);
  }

  /** Copies the list; refuses sizes out of range. */
  public TrialPlan {
    regimes = List.copyOf(regimes);
    if (shortestPrompt < 2
        || longestPrompt < shortestPrompt
        || outputTokens < 1
        || positions < 1
        || (!cells && positions > shortestPrompt + outputTokens - 1)
        || regimes.isEmpty()) {
      throw new IllegalArgumentException("sizes do not fit: " + this);
    }
  }

  /** The same orders under another seed. */
  public TrialPlan withSeed(String other) {
    return new TrialPlan(
        other, shortestPrompt, longestPrompt, outputTokens, positions, regimes, cells);
  }

  /** The same trial with other settings. */
  public TrialPlan withRegimes(List<Conditions.Regime> others) {
    return new TrialPlan(
        seed, shortestPrompt, longestPrompt, outputTokens, positions, others, cells);
  }

  /** The same trial with challenges that draw cells of a KV cache, as a client's would. */
  public TrialPlan withCells(int count) {
    return new TrialPlan(seed, shortestPrompt, longestPrompt, outputTokens, count, regimes, true);
  }

  /** The plan of a challenge to a run of some committed positions. */
  ChallengePlan challenge(int committed, int layers) {
    return cells
        ? ChallengePlan.ofCells(positions, committed, layers)
        : new ChallengePlan(positions, Integer.MAX_VALUE);
  }

  /** What a calibration by this trial speaks about. */
  public Conditions conditions() {
    return new Conditions(outputTokens, longestPrompt + outputTokens, positions, regimes);
  }

  SamplingManifest settings(int index, List<Integer> eosIds) {
    Conditions.Regime regime = regimes.get(index % regimes.size());
    return SamplingManifest.builder(outputTokens)
        .minTokens(outputTokens)
        .temperatureMicros(regime.temperatureMicros())
        .topK(regime.topK())
        .topPMicros(regime.topPMicros())
        .eosIds(eosIds)
        .build();
  }

  /** 32 bytes that belong to one order and one purpose. */
  Digest32 random(String purpose, int index) {
    return Digest32.sha256(
        new CborWriter().array(3).text(seed).text(purpose).unsigned(index).toByteArray());
  }
}
