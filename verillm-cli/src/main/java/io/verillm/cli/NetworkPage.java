package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.network.simulation.NetworkReport;
import io.verillm.network.simulation.NetworkReport.KindReport;
import io.verillm.network.simulation.NodeKind;
import io.verillm.network.worker.PoolStudy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The page of {@code verillm simulate network}. */
final class NetworkPage {
  private NetworkPage() {}

  static HtmlReport of(SimulateNetworkCommand.Study study, Provenance provenance) {
    NetworkReport network = study.network();
    List<KindReport> attackers =
        network.kinds().stream().filter(kind -> kind.kind() != NodeKind.HONEST).toList();
    long proven = attackers.stream().filter(kind -> kind.proven() > 0).count();
    long paid =
        attackers.stream()
            .filter(kind -> kind.proven() == 0 && kind.stakeLost().isPositive())
            .count();
    long flagged =
        attackers.stream()
            .filter(kind -> kind.proven() == 0 && !kind.stakeLost().isPositive())
            .filter(kind -> kind.flagged() > 0)
            .count();
    HtmlReport.Builder page =
        HtmlReport.builder("Who was caught", provenance)
            .lead(
                "Of "
                    + attackers.size()
                    + " kinds of attackers "
                    + proven
                    + " were proven guilty, "
                    + paid
                    + " more lost stake to evidence or silence, and "
                    + flagged
                    + " were only flagged. Honest workers proven guilty: "
                    + network.provenFalse()
                    + "; that lost stake: "
                    + network.honestSlashed()
                    + ".")
            .limit(
                "A flag is no proof and costs no stake: it withholds pay and feeds the evidence of"
                    + " a node, which costs stake only after somebody drawn computed the receipt"
                    + " again. Only the listed attackers were played; others may do better.")
            .heading("Workers")
            .add(kinds(network));
    List<Charts.Bar> bars = new ArrayList<>();
    for (KindReport kind : attackers) {
      double jobs = kind.proven() > 0 ? kind.untilProven() : kind.untilFlagged();
      if (jobs > 0) {
        String how = kind.proven() > 0 ? " (proof)" : " (flag)";
        bars.add(Charts.Bar.exact(kind.kind().label() + how, jobs));
      }
    }
    if (!bars.isEmpty()) {
      page.add(
          Charts.bars(
              "Jobs until caught",
              bars,
              "jobs in the role in which the kind deviates",
              "Up to the proof where there is one, else up to the first flag.",
              "Jobs until each kind of attacker was caught; the table has the figures."));
    }
    page.heading("What it paid").add(money(network));
    page.text(capital(SimulateNetworkCommand.settled(network)) + ".")
        .text(SimulateNetworkCommand.sentence(network) + ".")
        .text(capital(SimulateNetworkCommand.cost(network)) + ".");
    if (!study.coalition().isEmpty()) {
      page.heading("Coalitions").add(coalition(study));
    }
    page.heading("One pool or two")
        .add(
            pools(
                study,
                "Busy time",
                "share of worker time that is busy",
                PoolStudy.Point::utilisation))
        .add(
            pools(
                study,
                "Finished work",
                "finished work, share of capacity",
                PoolStudy.Point::throughput))
        .text(
            capital(SimulateNetworkCommand.pools(study))
                + ". Hours with many and with few audits alternate; the dedicated pools are divided"
                + " by mean work, "
                + study.offer().dedicatedVerifiers()
                + " of "
                + study.offer().workers()
                + " workers verify.");
    if (!study.classifier().isEmpty()) {
      page.heading("Can a worker tell?").add(classifier(study));
    }
    return page.build();
  }

  private static String capital(String sentence) {
    return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }

  private static ReportSection kinds(NetworkReport network) {
    List<List<String>> rows = new ArrayList<>();
    for (KindReport kind : network.kinds()) {
      rows.add(
          List.of(
              kind.kind().label(),
              SimulateNetworkCommand.caught(kind),
              kind.kind().description(),
              String.valueOf(kind.nodes()),
              String.valueOf(kind.jobs()),
              String.valueOf(kind.timesFlagged()),
              SimulateNetworkCommand.count(kind.untilFlagged()),
              SimulateNetworkCommand.count(kind.untilProven())));
    }
    return new ReportSection.Table(
        "Jobs are counted in the role in which a kind deviates; in the other it is honest",
        List.of(
            Column.text("kind"),
            Column.text("caught"),
            Column.text("what it does"),
            Column.number("workers"),
            Column.number("jobs"),
            Column.number("flags"),
            Column.number("jobs to flag"),
            Column.number("jobs to proof")),
        rows);
  }

  private static ReportSection money(NetworkReport network) {
    List<List<String>> rows = new ArrayList<>();
    for (KindReport kind : network.kinds()) {
      rows.add(
          List.of(
              kind.kind().label(),
              SimulateNetworkCommand.units(kind.net()),
              SimulateNetworkCommand.units(kind.gained()),
              String.valueOf(kind.silences()),
              SimulateNetworkCommand.units(kind.lostToSilence().negate()),
              SimulateNetworkCommand.units(kind.lostToEvidence().negate()),
              SimulateNetworkCommand.units(kind.lostToProofs().negate())));
    }
    return new ReportSection.Table(
        "Units per worker: an answer pays 1, a stake is 100. Net is what it earned by pay, fees and"
            + " bonds in both roles, and the stake that it lost. Silences are those of all of a kind",
        List.of(
            Column.text("kind"),
            Column.number("net"),
            Column.number("earned"),
            Column.number("silences"),
            Column.number("for silence"),
            Column.number("by evidence"),
            Column.number("by proof")),
        rows);
  }

  private static ReportSection pools(
      SimulateNetworkCommand.Study study,
      String title,
      String unit,
      Function<PoolStudy.Point, PoolStudy.Figure> figure) {
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (PoolStudy.Point point : study.pools()) {
      PoolStudy.Figure value = figure.apply(point);
      points.add(
          new Charts.IntervalPoint(
              point.shared() ? "one pool" : "two pools",
              point.load(),
              value.mean(),
              value.mean() - 2 * value.standardError(),
              value.mean() + 2 * value.standardError()));
    }
    return Charts.lineWithInterval(
        title,
        points,
        Charts.Axis.linear("offered work, share of capacity"),
        Charts.Axis.linear(unit),
        "The same workers, arrivals and service times; finished means answered and fully verified."
            + " Bands are two standard errors.",
        title + " of one pool and of two over the offered load.");
  }

  private static ReportSection classifier(SimulateNetworkCommand.Study study) {
    List<Charts.Bar> bars = new ArrayList<>();
    for (Distinguishability.Result result : study.classifier()) {
      bars.add(
          new Charts.Bar(
              SimulateNetworkCommand.label(result.policy()),
              result.auc(),
              result.low(),
              result.high()));
    }
    return Charts.bars(
        "Area under the curve of boosted trees",
        bars,
        "probability that verification scores higher than ordinary work",
        "0.5 is a coin. Trees see sizes, settings, order, timing, history and the worker's own"
            + " log-likelihood of the prefix. Lines are 95 % intervals.",
        "How well a worker tells verification from ordinary work under each policy.");
  }

  private static ReportSection coalition(SimulateNetworkCommand.Study study) {
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (SimulateNetworkCommand.CoalitionPoint point : study.coalition()) {
      points.add(
          new Charts.IntervalPoint(
              "its bad ones stood",
              point.share(),
              point.badAccepted(),
              point.badAccepted(),
              point.badAccepted()));
      points.add(
          new Charts.IntervalPoint(
              "good ones rejected",
              point.share(),
              point.goodRejected(),
              point.goodRejected(),
              point.goodRejected()));
    }
    return Charts.lineWithInterval(
        "What a coalition achieves",
        points,
        Charts.Axis.linear("share of workers in the coalition"),
        Charts.Axis.linear("share of answers"),
        "Made-up rows, committees of 3 and, when disputed, 5; clients check a quarter of what was"
            + " accepted. Beyond one half nothing here holds.",
        "Wrong outcomes over the coalition's share of the workers.");
  }
}
