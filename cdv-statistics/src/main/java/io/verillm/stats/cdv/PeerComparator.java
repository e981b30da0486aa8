package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;

/**
 * Distances of nodes from a trusted profile, or from each other without all pairs.
 *
 * <p>Peers: the nodes are put in a random ring, and each is compared with the next {@value #PEERS}
 * (all others if there are fewer); its distance is the median. For every single node those peers
 * are a uniform draw without replacement, so a minority of colluders cannot lower its own distance.
 * Different nodes share peers, which e-BH allows. Memory is read in order and the cost is linear in
 * the nodes. Thread-safe.
 *
 * <p>Sound only while more than half of the nodes are honest: the breakdown point of the median.
 */
@CheckReturnValue
public final class PeerComparator {
  /** Largest number of peers that one node is compared with. */
  public static final int PEERS = 101;

  private final ToDoubleBiFunction<double[], double[]> distance;

  /** Uses {@code distance} of a node's profile from another; finite or positive infinity. */
  public PeerComparator(ToDoubleBiFunction<double[], double[]> distance) {
    this.distance = Objects.requireNonNull(distance, "distance");
  }

  /** Returns the distance of every profile from {@code trusted}. */
  public double[] toTrusted(List<double[]> profiles, double[] trusted) {
    double[] apart = new double[profiles.size()];
    Arrays.setAll(apart, i -> checked(distance.applyAsDouble(profiles.get(i), trusted)));
    return apart;
  }

  /**
   * Returns the median distance of every profile from its peers.
   *
   * @param profiles at least three, of equal length
   * @param seed of the ring, unknown to the nodes before they are bound to their profiles
   */
  public double[] toPeers(List<double[]> profiles, long seed) {
    int nodes = Require.atLeast(profiles.size(), 3, "profiles");
    int[] at = new int[nodes];
    Arrays.setAll(at, i -> i);
    new SplitMix64(seed).shuffle(at);
    double[][] ring = new double[nodes][];
    Arrays.setAll(ring, i -> profiles.get(at[i]).clone()); // neighbours lie together in memory
    int peers = Math.min(PEERS, nodes - 1);
    double[] apart = new double[nodes];
    double[] distances = new double[peers];
    for (int i = 0; i < nodes; i++) {
      for (int k = 0; k < peers; k++) {
        int peer = i + 1 + k;
        double[] other = ring[peer < nodes ? peer : peer - nodes];
        distances[k] = checked(distance.applyAsDouble(ring[i], other));
      }
      Arrays.sort(distances);
      apart[at[i]] = distances[peers / 2];
    }
    return apart;
  }

  private static double checked(double value) {
    Require.that(!Double.isNaN(value), "distance is NaN");
    return value;
  }
}
