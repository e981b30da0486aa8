package io.verillm.stats.cdv;

import io.verillm.stats.internal.Require;
import io.verillm.stats.sequential.EvidenceLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * CDV over epochs, one stage after the other: observations → summary ({@link EpochSummary}) →
 * comparison ({@link PeerComparator}) → calibration ({@link HonestCalibration}) → sequential
 * monitor and multiplicity ({@link SequentialMonitor}) → verdicts ({@link EpochReport}), which
 * validators vote on ({@link ConsensusRound}).
 *
 * <p>One object belongs to one thread. It does not show why a node is apart, and with peers alone
 * it holds only under an honest majority.
 */
public final class CdvPipeline {
  private final String comparison;
  private final PeerComparator comparator;
  private final SequentialMonitor monitor;
  private final double q;
  private final long seed;
  private HonestCalibration calibration;

  /**
   * Starts without evidence.
   *
   * @param comparison name of the distance, for recomputation
   * @param comparator distance of a node's profile from the reference
   * @param calibration from honest runs compared in the same way
   * @param q false discovery rate over nodes
   * @param seed names the draws of peers
   */
  public CdvPipeline(
      String comparison,
      PeerComparator comparator,
      HonestCalibration calibration,
      double q,
      long seed) {
    this.comparison = Objects.requireNonNull(comparison, "comparison");
    this.comparator = Objects.requireNonNull(comparator, "comparator");
    this.calibration = Objects.requireNonNull(calibration, "calibration");
    this.monitor = new SequentialMonitor(calibration.tolerated());
    this.q = Require.open01(q, "q");
    this.seed = seed;
  }

  /** Returns the calibration in force. */
  public HonestCalibration calibration() {
    return calibration;
  }

  /**
   * Takes one epoch of observations into account; nodes with too few are left out.
   *
   * @param epoch what was observed
   * @param minimum fewest values per node and stratum, those of the calibration
   * @param trusted profile of a trusted run, if there is one
   */
  public EpochReport advance(EpochSummary<?, ?> epoch, int minimum, Optional<double[]> trusted) {
    return advance(epoch.epoch(), epoch.summaryId(), epoch.profiles(minimum), trusted);
  }

  /**
   * Takes the profiles of one epoch into account.
   *
   * @param epoch number of the epoch, from 0
   * @param summary name of what made the profiles
   * @param profiles per node, equal lengths, finite; at least three nodes without a trusted profile
   * @param trusted profile of a trusted run, if there is one
   */
  public EpochReport advance(
      long epoch, String summary, Map<String, double[]> profiles, Optional<double[]> trusted) {
    check(profiles, trusted);
    List<String> nodes = new ArrayList<>(profiles.keySet());
    List<double[]> values = new ArrayList<>(profiles.values());
    long ring = seed + epoch;

    double[] distances =
        trusted.isPresent()
            ? comparator.toTrusted(values, trusted.get())
            : comparator.toPeers(values, ring);
    int flags = 0;
    for (int i = 0; i < distances.length; i++) {
      boolean flagged = calibration.flags(distances[i]);
      flags += flagged ? 1 : 0;
      monitor.observe(nodes.get(i), flagged);
    }
    Map<String, Boolean> selected = monitor.selected(q);

    List<NodeReport> verdicts = new ArrayList<>();
    for (int i = 0; i < distances.length; i++) {
      String node = nodes.get(i);
      double logE = monitor.logE(node);
      verdicts.add(
          new NodeReport(
              node,
              distances[i],
              calibration.flags(distances[i]),
              logE,
              EvidenceLevel.ofLogE(logE),
              selected.getOrDefault(node, false)));
    }
    return new EpochReport(
        epoch,
        trusted.isPresent() ? Reference.TRUSTED_LOCAL : Reference.PEER_CONSENSUS,
        calibration.threshold(),
        trusted.isEmpty() || 2 * flags < distances.length,
        Recomputation.of(summary + " " + comparison, recomputed(profiles, trusted), ring),
        verdicts);
  }

  /**
   * Lets the threshold follow benign drift, within the slack of the calibration.
   *
   * @param auditedHonest distances of nodes that a re-execution showed honest; never of those that
   *     were merely not flagged
   */
  public void adaptTo(double... auditedHonest) {
    calibration = calibration.next(auditedHonest);
  }

  private static Map<String, double[]> recomputed(
      Map<String, double[]> profiles, Optional<double[]> trusted) {
    if (trusted.isEmpty()) {
      return profiles;
    }
    Map<String, double[]> all = new LinkedHashMap<>(profiles);
    all.put("", trusted.get()); // no node has an empty name
    return all;
  }

  private static void check(Map<String, double[]> profiles, Optional<double[]> trusted) {
    Require.atLeast(profiles.size(), trusted.isPresent() ? 1 : 3, "profiles");
    int width = trusted.orElseGet(() -> profiles.values().iterator().next()).length;
    trusted.ifPresent(profile -> Require.finite(profile, "trusted", 1));
    profiles.forEach(
        (node, profile) -> {
          Require.that(!node.isEmpty(), "node is empty");
          Require.finite(profile, "profile of " + node, 1);
          Require.that(profile.length == width, "profile of " + node + " has another length");
        });
  }
}
