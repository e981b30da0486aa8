package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.SplitConformal;
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
    long[] exceeding = {0};
    simulate(u.length, ofSorted, (b, t) -> exceeding[0] += t >= threshold ? 1 : 0);
    return new TestResult(
        name, observed, (exceeding[0] + 1.0) / (draws + 1.0), PValueMethod.MONTE_CARLO);
  }

  /** Returns the simulated null law for samples of {@code size}, for many tests of one size. */
  public SplitConformal law(int size, ToDoubleFunction<double[]> ofSorted) {
    double[] values = new double[draws];
    simulate(Require.atLeast(size, 1, "size"), ofSorted, (b, t) -> values[b] = t);
    return SplitConformal.of(values);
  }

  private interface Draw {
    void take(int b, double statistic);
  }

  private void simulate(int size, ToDoubleFunction<double[]> ofSorted, Draw draw) {
    double[] sample = new double[size];
    SplitMix64 random = new SplitMix64(0);
    for (int b = 0; b < draws; b++) {
      random.restart(seed, b);
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += random.nextExponential();
        sample[i] = sum;
      }
      sum += random.nextExponential();
      for (int i = 0; i < size; i++) {
        sample[i] /= sum;
      }
      draw.take(b, ofSorted.applyAsDouble(sample));
    }
  }
}
