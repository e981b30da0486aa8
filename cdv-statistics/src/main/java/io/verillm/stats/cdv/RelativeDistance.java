package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * The paired distance of two tensors, e = ‖x − y‖₂/‖y‖₂; independent directions give about √2.
 *
 * <p>Redundant execution is paired data: pooled moments throw the pairing away, and any sign flip
 * or permutation that keeps the moments passes them. A small e does not show that y is right.
 */
@CheckReturnValue
public final class RelativeDistance {
  private RelativeDistance() {}

  /**
   * Returns e; 0 for two zero tensors, infinite for a non-zero claim against zero.
   *
   * @param claimed finite values
   * @param recomputed as many finite values
   */
  public static double of(double[] claimed, double[] recomputed) {
    Require.finite(claimed, "claimed", 1);
    Require.finite(recomputed, "recomputed", 1);
    Require.that(claimed.length == recomputed.length, "claimed and recomputed differ in length");
    double gap = 0;
    double norm = 0;
    for (int i = 0; i < claimed.length; i++) {
      gap += (claimed[i] - recomputed[i]) * (claimed[i] - recomputed[i]);
      norm += recomputed[i] * recomputed[i];
    }
    return gap == 0 ? 0 : Math.sqrt(gap / norm);
  }
}
