package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.twosample.EnergyDistance;

/**
 * The Activation-DiFR fingerprint: a hidden state projected to k dimensions by a seeded Gaussian
 * matrix scaled by 1/√k; two fingerprints are compared by Euclidean distance.
 *
 * <p>E‖Px − Py‖² = ‖x − y‖² over seeds. The seed must be unknown when the state is computed, or a
 * prover moves in the projection's null space. It is blind to the sampler. Immutable; thread-safe.
 */
@CheckReturnValue
public final class ActivationFingerprint {
  private final int width;
  private final int dimensions;
  private final double[] matrix;

  private ActivationFingerprint(int width, int dimensions, double[] matrix) {
    this.width = width;
    this.dimensions = dimensions;
    this.matrix = matrix;
  }

  /** Returns the projection from {@code width} to {@code dimensions} values. */
  public static ActivationFingerprint of(long seed, int width, int dimensions) {
    Require.atLeast(width, 1, "width");
    Require.atLeast(dimensions, 1, "dimensions");
    double[] matrix = new double[Math.multiplyExact(width, dimensions)];
    SplitMix64 random = new SplitMix64(seed);
    double scale = 1 / Math.sqrt(dimensions);
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = scale * random.nextGaussian();
    }
    return new ActivationFingerprint(width, dimensions, matrix);
  }

  /** Returns the fingerprint of a hidden state of {@code width} finite values. */
  public double[] project(float[] state) {
    Require.that(state.length == width, "state needs " + width + " values, has " + state.length);
    double[] result = new double[dimensions];
    for (int k = 0; k < dimensions; k++) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += matrix[k * width + i] * state[i];
      }
      Require.that(Double.isFinite(sum), "state has a value that is not finite");
      result[k] = sum;
    }
    return result;
  }

  /** Returns the Euclidean distance of two fingerprints. */
  public static double distance(double[] a, double[] b) {
    Require.that(a.length == b.length, "fingerprints differ in length");
    return EnergyDistance.euclidean(a, b);
  }
}
