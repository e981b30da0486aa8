package io.verillm.stats.cdv;

import io.verillm.stats.internal.Require;
import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.sequential.EvidenceLevel;
import io.verillm.stats.sequential.GridEProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;

/**
 * CDV over epochs: summary per node → distance to a reference → exceedance of a fixed threshold →
 * e-process per node → e-BH over nodes.
 *
 * <p>The threshold is conformal at level α from honest scores on one half of the calibration; p0,
 * the rate that is tolerated for honest nodes, is the 99.99 % upper confidence bound of the
 * exceedances on the other half. Only exceedances enter the evidence, so the shared calibration
 * does not multiply. Without a trusted run a node's distance is its median distance to at most
 * {@value #PEERS} other nodes drawn from the seed, so the cost grows linearly with the nodes. One
 * object belongs to one thread.
 *
 * <p>It does not show why a node is apart, and with peers alone it holds only under an honest
 * majority.
 */
public final class CdvPipeline {
  /** Largest number of peers that one node is compared with. */
  public static final int PEERS = 101;

  private final ToDoubleBiFunction<double[], double[]> distance;
  private final double threshold;
  private final double tolerated;
  private final double q;
  private final long seed;
  private final Map<String, GridEProcess> evidence = new LinkedHashMap<>();
  private int epoch;

  /**
   * Starts without evidence.
   *
   * @param distance of a node's summary from the reference, finite
   * @param honestScores distances of honest runs, independent, at least 200
   * @param alpha level of a single flag
   * @param q false discovery rate over nodes
   * @param seed names the draws of peers
   */
  public CdvPipeline(
      ToDoubleBiFunction<double[], double[]> distance,
      double[] honestScores,
      double alpha,
      double q,
      long seed) {
    this.distance = Objects.requireNonNull(distance, "distance");
    Require.finite(honestScores, "honestScores", 200);
    this.q = Require.open01(q, "q");
    this.seed = seed;
    int half = honestScores.length / 2;
    this.threshold = SplitConformal.of(Arrays.copyOf(honestScores, half)).threshold(alpha);
    Require.that(Double.isFinite(threshold), "honestScores are too few for alpha " + alpha);
    long above = 0;
    for (int i = half; i < honestScores.length; i++) {
      above += honestScores[i] > threshold ? 1 : 0;
    }
    this.tolerated = ClopperPearson.upperBound(above, honestScores.length - half, 0.9999);
    Require.that(tolerated < 1, "honestScores exceed their own threshold throughout");
  }

  /** Returns the distance above which a node is flagged. */
  public double threshold() {
    return threshold;
  }

  /** Returns p0, the exceedance rate that evidence is measured against. */
  public double toleratedRate() {
    return tolerated;
  }

  /**
   * Takes one epoch into account.
   *
   * @param summaries per node, equal lengths, finite; at least three nodes without a trusted
   *     reference
   * @param trusted summary of a trusted run, if there is one
   */
  public EpochReport advance(Map<String, double[]> summaries, Optional<double[]> trusted) {
    Require.atLeast(summaries.size(), trusted.isPresent() ? 1 : 3, "summaries");
    List<String> names = new ArrayList<>(summaries.keySet());
    List<double[]> values = new ArrayList<>(summaries.values());
    int width = values.get(0).length;
    for (int i = 0; i < names.size(); i++) {
      Require.finite(values.get(i), "summary of " + names.get(i), 1);
      Require.that(
          values.get(i).length == width, "summary of " + names.get(i) + " has another length");
    }
    double[] apart = new double[names.size()];
    int flagged = 0;
    for (int i = 0; i < apart.length; i++) {
      apart[i] =
          trusted.isPresent()
              ? distance.applyAsDouble(values.get(i), trusted.get())
              : toPeers(values, i);
      Require.that(!Double.isNaN(apart[i]), "distance of " + names.get(i) + " is NaN");
      flagged += apart[i] > threshold ? 1 : 0;
      evidence
          .computeIfAbsent(names.get(i), name -> new GridEProcess(tolerated))
          .update(apart[i] > threshold);
    }
    boolean reliable = trusted.isEmpty() || 2 * flagged < apart.length;
    return report(names, apart, reliable, trusted.isPresent());
  }

  private EpochReport report(
      List<String> names, double[] apart, boolean reliable, boolean trusted) {
    List<String> known = new ArrayList<>(evidence.keySet());
    double[] e = known.stream().mapToDouble(name -> evidenceOf(name).e()).toArray();
    boolean[] selected = EBenjaminiHochberg.rejected(e, q);
    Map<String, Boolean> bySelection = new LinkedHashMap<>();
    for (int i = 0; i < e.length; i++) {
      bySelection.put(known.get(i), selected[i]);
    }
    List<NodeReport> nodes = new ArrayList<>();
    for (int i = 0; i < apart.length; i++) {
      double logE = evidenceOf(names.get(i)).logE();
      nodes.add(
          new NodeReport(
              names.get(i),
              apart[i],
              apart[i] > threshold,
              logE,
              EvidenceLevel.ofLogE(logE),
              bySelection.getOrDefault(names.get(i), false)));
    }
    Reference reference = trusted ? Reference.TRUSTED_LOCAL : Reference.PEER_CONSENSUS;
    return new EpochReport(epoch++, reference, threshold, reliable, nodes);
  }

  private GridEProcess evidenceOf(String node) {
    return Objects.requireNonNull(evidence.get(node), node);
  }

  /**
   * Returns the median distance to sampled other nodes: a minority of colluders cannot lower its
   * own.
   */
  private double toPeers(List<double[]> values, int node) {
    int others = values.size() - 1;
    int[] chosen = SplitMix64.stream(seed + epoch, node).distinct(others, Math.min(PEERS, others));
    double[] distances = new double[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      int at = chosen[i] >= node ? chosen[i] + 1 : chosen[i];
      distances[i] = distance.applyAsDouble(values.get(node), values.get(at));
    }
    Arrays.sort(distances);
    return distances[distances.length / 2];
  }
}
