package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import java.util.function.ToDoubleFunction;

/**
 * Simulated null law of a goodness-of-fit statistic for U(0, 1).
 *
 * <p>Draw b uses generator (seed, b); sorted uniforms come from normalised exponential spacings, so
 * nothing is sorted. p = (1 + #{T_b &ge; T}) / (B + 1). Relative error in a tail is about 1/√(B·p).
 *
 * @param seed names the simulation
 * @param draws B, at least 1
 */
@CheckReturnValue
public record MonteCarloNull(long seed, int draws) {
  /** Refuses fewer than one draw. */
  public MonteCarloNull {
    Require.atLeast(draws, 1, "draws");
  }

  /** Returns the test of {@code u} with a statistic of sorted values; large values reject. */
  public TestResult test(String name, double[] u, ToDoubleFunction<double[]> ofSorted) {
    double observed = ofSorted.applyAsDouble(UniformSample.sorted(u));
    double threshold = observed - 1e-12 * Math.max(1, Math.abs(observed));
    double[] sample = new double[u.length];
    SplitMix64 random = new SplitMix64(0);
    long exceeding = 0;
    for (int b = 0; b < draws; b++) {
      random.restart(seed, b);
      double sum = 0;
      for (int i = 0; i < sample.length; i++) {
        sum += random.nextExponential();
        sample[i] = sum;
      }
      sum += random.nextExponential();
      for (int i = 0; i < sample.length; i++) {
        sample[i] /= sum;
      }
      if (ofSorted.applyAsDouble(sample) >= threshold) {
        exceeding++;
      }
    }
    return new TestResult(
        name, observed, (exceeding + 1.0) / (draws + 1.0), PValueMethod.MONTE_CARLO);
  }
}
