package io.verillm.cli;

import io.verillm.stats.cdv.CdvSimulation;
import io.verillm.stats.cdv.EpochReport;
import io.verillm.stats.cdv.NodeReport;
import io.verillm.stats.robust.RobustStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One epoch of a simulation, summed up for honest nodes and attackers.
 *
 * @param falseShare honest nodes among the selected ones, 0 if none is selected
 */
record CdvEpoch(
    int epoch,
    double threshold,
    boolean reliable,
    double falseShare,
    Group honest,
    Group attackers) {
  /**
   * Nodes of one sort; NaN where there are none.
   *
   * @param distance median distance, with its quartiles
   * @param log10E median accumulated evidence as log10 of the e-value, with its quartiles
   * @param selected share selected
   */
  record Group(
      double distance,
      double distanceLow,
      double distanceHigh,
      double log10E,
      double log10ELow,
      double log10EHigh,
      double selected) {
    static Group of(List<NodeReport> nodes) {
      double selected = nodes.stream().filter(NodeReport::selected).count();
      ToDoubleFunction<NodeReport> evidence = node -> node.logE() / Math.log(10);
      return new Group(
          quantile(.5, nodes, NodeReport::distance),
          quantile(.25, nodes, NodeReport::distance),
          quantile(.75, nodes, NodeReport::distance),
          quantile(.5, nodes, evidence),
          quantile(.25, nodes, evidence),
          quantile(.75, nodes, evidence),
          selected / nodes.size());
    }

    private static double quantile(
        double p, List<NodeReport> nodes, ToDoubleFunction<NodeReport> of) {
      return nodes.isEmpty()
          ? Double.NaN
          : RobustStatistics.quantile(p, nodes.stream().mapToDouble(of).toArray());
    }
  }

  static List<CdvEpoch> of(CdvSimulation simulation, CdvSimulation.Report result) {
    List<CdvEpoch> rows = new ArrayList<>();
    for (EpochReport report : result.epochs()) {
      List<NodeReport> nodes = report.nodes();
      List<NodeReport> attackers = nodes.subList(0, simulation.attackers());
      List<NodeReport> honest = nodes.subList(simulation.attackers(), nodes.size());
      double wrong = honest.stream().filter(NodeReport::selected).count();
      double all = nodes.stream().filter(NodeReport::selected).count();
      rows.add(
          new CdvEpoch(
              Math.toIntExact(report.epoch()),
              report.threshold(),
              report.consensusReliable(),
              all == 0 ? 0 : wrong / all,
              Group.of(honest),
              Group.of(attackers)));
    }
    return rows;
  }
}
