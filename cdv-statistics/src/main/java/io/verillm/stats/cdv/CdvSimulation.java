package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.twosample.EnergyDistance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Simulated nodes with colluding attackers under {@link CdvPipeline}.
 *
 * <p>Honest summaries are a truth per epoch plus independent normal noise in {@value #WIDTH}
 * dimensions; attackers share one shift of {@code shift} noise deviations per dimension. The same
 * seed gives the same report. It shows how the pipeline behaves, not how real models differ. A
 * faulty driver that shifts a fifth of honest nodes alike looks to it exactly like a fifth of
 * colluders: only a re-execution tells them apart.
 *
 * @param seed names the simulation
 * @param nodes number of nodes, at least 3
 * @param attackers how many of them collude
 * @param epochs number of epochs, at least 1
 * @param shift per-dimension shift of the attackers, in noise deviations
 * @param trustedReference whether a trusted local run is available
 */
@CheckReturnValue
public record CdvSimulation(
    long seed, int nodes, int attackers, int epochs, double shift, boolean trustedReference) {
  /** Dimensions of a summary. */
  public static final int WIDTH = 16;

  private static final int CALIBRATION = 2000;
  private static final Set<String> STRATA = Set.of("stratum");

  /** Refuses sizes out of range. */
  public CdvSimulation {
    Require.atLeast(nodes, 3, "nodes");
    Require.that(attackers >= 0 && attackers <= nodes, "attackers must lie in [0, nodes]");
    Require.atLeast(epochs, 1, "epochs");
    Require.that(Double.isFinite(shift), "shift must be finite");
  }

  /**
   * What a simulation gave.
   *
   * @param epochs one report per epoch; attackers are the first nodes
   * @param falseDiscoveryRate wrong among all selected after the last epoch, 0 if none
   * @param power selected attackers among all after the last epoch, NaN without attackers
   * @param honestFlagRate share of honest node-epochs that were flagged, NaN without honest nodes
   * @param honestSelected share of honest nodes selected after the last epoch, NaN without any
   */
  public record Report(
      List<EpochReport> epochs,
      double falseDiscoveryRate,
      double power,
      double honestFlagRate,
      double honestSelected) {
    /** Copies the list. */
    public Report {
      epochs = List.copyOf(epochs);
    }
  }

  /** Runs the simulation. */
  public Report run() {
    CdvPipeline pipeline =
        new CdvPipeline(
            "euclidean",
            new PeerComparator(EnergyDistance::euclidean),
            HonestCalibration.frozen(honestScores(), 0.01),
            0.05,
            seed);
    var summariser = Summarisers.vectorMean(WIDTH);
    List<EpochReport> reports = new ArrayList<>();
    for (int t = 0; t < epochs; t++) {
      SplitMix64 random = SplitMix64.stream(seed, 1_000_000L + t);
      double[] truth = noise(random, 5);
      var observed = new EpochSummary<>(summariser, Modality.EMBEDDING, t, STRATA);
      for (int i = 0; i < nodes; i++) {
        double[] summary = noise(random, 1);
        for (int k = 0; k < WIDTH; k++) {
          summary[k] += truth[k] + (i < attackers ? shift : 0);
        }
        observed.add(
            new NodeObservation<>(name(i), "task", "stratum", Modality.EMBEDDING, t, summary));
      }
      reports.add(
          pipeline.advance(observed, 1, trustedReference ? Optional.of(truth) : Optional.empty()));
    }
    return summarise(reports);
  }

  private Report summarise(List<EpochReport> reports) {
    List<NodeReport> last = reports.get(reports.size() - 1).nodes();
    double right = 0;
    double wrong = 0;
    double flagged = 0;
    for (int i = 0; i < nodes; i++) {
      if (last.get(i).selected()) {
        right += i < attackers ? 1 : 0;
        wrong += i < attackers ? 0 : 1;
      }
    }
    for (EpochReport report : reports) {
      for (int i = attackers; i < nodes; i++) {
        flagged += report.nodes().get(i).flagged() ? 1 : 0;
      }
    }
    return new Report(
        reports,
        right + wrong == 0 ? 0 : wrong / (right + wrong),
        right / attackers,
        flagged / ((double) (nodes - attackers) * epochs),
        wrong / (nodes - attackers));
  }

  /** Distances of honest runs from the same kind of reference as the nodes will have. */
  private double[] honestScores() {
    double[] scores = new double[CALIBRATION];
    double[] distances = new double[Math.min(PeerComparator.PEERS, nodes - 1)];
    for (int c = 0; c < CALIBRATION; c++) {
      SplitMix64 random = SplitMix64.stream(seed, -1L - c);
      double[] own = noise(random, 1);
      if (trustedReference) {
        scores[c] = EnergyDistance.euclidean(own, new double[WIDTH]);
        continue;
      }
      for (int i = 0; i < distances.length; i++) {
        distances[i] = EnergyDistance.euclidean(own, noise(random, 1));
      }
      Arrays.sort(distances);
      scores[c] = distances[distances.length / 2];
    }
    return scores;
  }

  private static double[] noise(SplitMix64 random, double scale) {
    double[] values = new double[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
      values[k] = scale * random.nextGaussian();
    }
    return values;
  }

  static String name(int node) {
    return "node-" + node;
  }

  /**
   * What peer consensus does at one share of colluders.
   *
   * @param colluders share of the nodes that collude
   * @param honestSelected share of honest nodes selected after the last epoch
   * @param power share of colluders selected after the last epoch
   */
  public record BreakingPoint(double colluders, double honestSelected, double power) {}

  /** Number of shares of colluders on the curve: .05 to .95 by .05. */
  public static final int CURVE_STEPS = 19;

  /**
   * Returns what peer consensus does at one share of colluders.
   *
   * @param step twentieths of the nodes that collude, from 1 to {@value #CURVE_STEPS}
   */
  public static BreakingPoint breakingPoint(
      int step, long seed, int nodes, int epochs, double shift) {
    int attackers = (int) Math.round(nodes * step / 20.0);
    Report report = new CdvSimulation(seed, nodes, attackers, epochs, shift, false).run();
    return new BreakingPoint(step / 20.0, report.honestSelected(), report.power());
  }

  /**
   * Returns the smallest share of colluders on a curve at which peer consensus selects at least one
   * honest node in ten; 1 if it never does.
   */
  public static double breakingShare(List<BreakingPoint> curve) {
    return curve.stream()
        .filter(point -> point.honestSelected() >= 0.1)
        .mapToDouble(BreakingPoint::colluders)
        .min()
        .orElse(1);
  }
}
