package io.verillm.stats.calibration;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.stats.internal.Require;
import java.util.List;

/**
 * Under which conditions the honest runs were made, and so what a profile can judge.
 *
 * @param shortestOutput fewest output tokens of a run; a mean over fewer tokens varies more
 * @param longestSequence most positions of a run; rounding grows with the position
 * @param positionsOpened positions whose rows each run opened; a mean over fewer varies more
 * @param regimes sampling settings of the runs
 */
public record Conditions(
    int shortestOutput, int longestSequence, int positionsOpened, List<Regime> regimes) {
  /**
   * The settings that shape margins.
   *
   * @param temperatureMicros temperature in millionths, 0 for greedy
   * @param topK 0 keeps all
   * @param topPMicros in millionths
   */
  public record Regime(int temperatureMicros, int topK, int topPMicros) {
    /** The regime of a manifest. */
    public static Regime of(SamplingManifest manifest) {
      return new Regime(manifest.temperatureMicros(), manifest.topK(), manifest.topPMicros());
    }
  }

  /** Copies the list; refuses sizes below one and no regime. */
  public Conditions {
    Require.atLeast(shortestOutput, 1, "shortestOutput");
    Require.atLeast(longestSequence, shortestOutput, "longestSequence");
    Require.atLeast(positionsOpened, 1, "positionsOpened");
    regimes = List.copyOf(regimes);
    Require.atLeast(regimes.size(), 1, "regimes");
  }

  /**
   * Whether means of margins under these settings were calibrated. Largest margins need no such
   * thing: they follow from the difference of logits alone.
   */
  public boolean coversMargins(SamplingManifest manifest, int outputTokens) {
    return outputTokens >= shortestOutput
        && manifest.repetitionPenaltyMicros() == SamplingManifest.ONE
        && manifest.frequencyPenaltyMicros() == 0
        && manifest.presencePenaltyMicros() == 0
        && regimes.contains(Regime.of(manifest));
  }
}
