package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.StepMap;
import io.verillm.stats.cdv.CdvSimulation;
import io.verillm.stats.cdv.EpochReport;
import io.verillm.stats.cdv.NodeReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lays a simulation of nodes out as a page. */
final class CdvPage {
  private static final Charts.Axis EPOCH = Charts.Axis.linear("epoch");

  private static final int ROWS = 60;
  private static final int COLUMNS = 60;
  private static final List<String> BANDS =
      List.of("below 0.9", "up to 1", "above 1", "above 1.25");
  private static final List<String> COLOURS =
      List.of("var(--equal)", "var(--h1)", "var(--h3)", "var(--h4)");

  private CdvPage() {}

  static HtmlReport of(
      CdvSimulation simulation,
      CdvSimulation.Report result,
      List<CdvEpoch> rows,
      List<CdvSimulation.BreakingPoint> curve) {
    List<Charts.IntervalPoint> distances = new ArrayList<>();
    List<Charts.IntervalPoint> wealth = new ArrayList<>();
    List<Charts.IntervalPoint> selection = new ArrayList<>();
    for (CdvEpoch row : rows) {
      group("honest", row.epoch(), row.honest(), distances, wealth);
      group("attackers", row.epoch(), row.attackers(), distances, wealth);
      exact("threshold", row.epoch(), row.threshold(), distances);
      exact("power", row.epoch(), row.attackers().selected(), selection);
      exact("false among selected", row.epoch(), row.falseShare(), selection);
    }
    String command =
        String.format(
            Locale.ROOT,
            "verillm simulate cdv --nodes %d --attackers %d --epochs %d --seed %d --shift %s%s",
            simulation.nodes(),
            simulation.attackers(),
            simulation.epochs(),
            simulation.seed(),
            simulation.shift(),
            (simulation.trustedReference() ? " --trusted" : "")
                + (curve.isEmpty() ? "" : " --breaking-share"));
    HtmlReport.Builder page =
        HtmlReport.builder(
                "verillm simulate cdv",
                new Provenance(
                    command,
                    Map.of("verillm", Versions.verillm()),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()))
            .lead(
                simulation.attackers()
                    + " of "
                    + simulation.nodes()
                    + " nodes collude: after "
                    + simulation.epochs()
                    + " epochs "
                    + share(result.power())
                    + " of them and "
                    + share(result.honestSelected())
                    + " of the honest nodes are selected.")
            .limit(
                "The noise is simulated. A faulty driver that shifts honest nodes alike looks the"
                    + " same as collusion; only a re-execution tells them apart.");
    page.heading("Epochs");
    page.add(
        chart(
            "Distance by epoch",
            distances,
            "distance",
            "Median distance of each sort of node with its quartiles, and the threshold."));
    page.add(perNode(simulation, result));
    page.add(
        chart(
            "Wealth over time",
            wealth,
            "log10 of the e-value",
            "Median accumulated evidence against a node with its quartiles."));
    page.add(
        chart(
            "Selection by epoch",
            selection,
            "share",
            "Power is the share of attackers selected; false is the share of honest nodes among"
                + " the selected, in this one simulation."));
    page.heading("Where peers break").add(breaking(curve));
    page.heading("Totals")
        .add(
            new ReportSection.Facts(
                List.of(
                    new ReportSection.Fact("Power", share(result.power())),
                    new ReportSection.Fact(
                        "False among selected", share(result.falseDiscoveryRate())),
                    new ReportSection.Fact(
                        "Honest node-epochs flagged", share(result.honestFlagRate())),
                    new ReportSection.Fact(
                        "Honest nodes selected", share(result.honestSelected())))));
    return page.build();
  }

  /** Distances of single nodes against the threshold; colluders first. */
  private static ReportSection perNode(CdvSimulation simulation, CdvSimulation.Report result) {
    int colluders = Math.min(simulation.attackers(), ROWS / 2);
    int honest = Math.min(simulation.nodes() - simulation.attackers(), ROWS - colluders);
    int every = (result.epochs().size() + COLUMNS - 1) / COLUMNS;
    StepMap map =
        new StepMap(
            BANDS, COLOURS, "epoch", "node (colluders lie lowest)", "distance over threshold");
    for (int t = 0; t < result.epochs().size(); t += every) {
      EpochReport epoch = result.epochs().get(t);
      for (int row = 0; row < colluders + honest; row++) {
        int at = row < colluders ? row : simulation.attackers() + row - colluders;
        NodeReport node = epoch.nodes().get(at);
        double ratio = node.distance() / epoch.threshold();
        int band = ratio > 1.25 ? 3 : ratio > 1 ? 2 : ratio > 0.9 ? 1 : 0;
        map.cell(t, t + every, row, row + 1, ratio, band, node.node() + ", epoch " + t);
      }
    }
    String caption =
        "Distance of single nodes against the threshold: "
            + colluders
            + " of the colluders (from below) and "
            + honest
            + " of the honest nodes.";
    return map.chart("Distance by node and epoch", caption, caption);
  }

  private static ReportSection breaking(List<CdvSimulation.BreakingPoint> curve) {
    if (curve.isEmpty()) {
      return new ReportSection.Bullets(
          List.of(
              "Not searched: --breaking-share adds the share of colluders at which a comparison"
                  + " with peers turns on honest nodes. It cannot hold at one half."));
    }
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (CdvSimulation.BreakingPoint point : curve) {
      double x = point.colluders();
      points.add(
          new Charts.IntervalPoint(
              "colluders selected", x, point.power(), point.power(), point.power()));
      points.add(
          new Charts.IntervalPoint(
              "honest selected",
              x,
              point.honestSelected(),
              point.honestSelected(),
              point.honestSelected()));
    }
    String caption =
        String.format(
            Locale.ROOT,
            "Without a trusted run, in one simulation per share: from %.0f %% colluders on at least"
                + " a tenth of the honest nodes are selected.",
            100 * CdvSimulation.breakingShare(curve));
    return Charts.lineWithInterval(
        "Selected nodes over the share of colluders",
        points,
        Charts.Axis.linear("share of colluders"),
        Charts.Axis.linear("share selected"),
        caption,
        caption);
  }

  private static void group(
      String name,
      int epoch,
      CdvEpoch.Group group,
      List<Charts.IntervalPoint> distances,
      List<Charts.IntervalPoint> wealth) {
    interval(name, epoch, group.distance(), group.distanceLow(), group.distanceHigh(), distances);
    interval(name, epoch, group.log10E(), group.log10ELow(), group.log10EHigh(), wealth);
  }

  private static void exact(String name, int epoch, double v, List<Charts.IntervalPoint> to) {
    interval(name, epoch, v, v, v, to);
  }

  /** Values that do not exist or are unbounded are left out: a line cannot show them. */
  private static void interval(
      String name, int epoch, double v, double low, double high, List<Charts.IntervalPoint> to) {
    if (Double.isFinite(low) && Double.isFinite(v) && Double.isFinite(high)) {
      to.add(new Charts.IntervalPoint(name, epoch, v, low, high));
    }
  }

  private static ReportSection chart(
      String title, List<Charts.IntervalPoint> points, String y, String caption) {
    return Charts.lineWithInterval(title, points, EPOCH, Charts.Axis.linear(y), caption, caption);
  }

  private static String share(double value) {
    return Double.isNaN(value)
        ? "none (no such node)"
        : String.format(Locale.ROOT, "%.1f %%", 100 * value);
  }
}
